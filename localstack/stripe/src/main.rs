//! `stripe-stand-in`: listens on this machine until it is ended.

#![expect(clippy::print_stdout, reason = "the first line on stdout says where it listens")]

use std::process::ExitCode;

use clap::Parser;
use stripe_stand_in::{Options, Webhook, start};

#[derive(Parser)]
#[command(
    name = "stripe-stand-in",
    about = "A stand-in of Stripe for tests and the local stack; in memory, on 127.0.0.1 only"
)]
struct Cli {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The key that may do everything, `sk_test_…`. Live keys are refused.
    #[arg(long)]
    key: String,
    /// A restricted key, `rk_test_…`, that may make accounts and links to their pages, and nothing else.
    #[arg(long)]
    accounts_key: Option<String>,
    /// The address to which events are posted, `http://…`.
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// The secret with which events are signed.
    #[arg(long, requires = "webhook_url")]
    webhook_secret: Option<String>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let webhook = cli
        .webhook_url
        .zip(cli.webhook_secret)
        .map(|(url, secret)| Webhook { url, secret });
    match start(Options {
        port: cli.port,
        key: cli.key,
        accounts_key: cli.accounts_key,
        webhook,
    }) {
        Ok(server) => {
            println!("listening on {}", server.url());
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
