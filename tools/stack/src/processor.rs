//! The stand-in for the payment processor, beside the emulator. It is in the emulator's process group and ends with it.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_http_client::Api;
use serde_json::{Value, json};

use crate::{
    aws::Aws,
    emulator::{Emulator, free_port},
};

/// A test key. The stand-in takes no other kind, and the functions of the local stack neither.
const KEY: &str = "sk_test_local_stack";
/// A restricted test key, which moves no money.
const ACCOUNTS_KEY: &str = "rk_test_local_stack";
const STATE_FILE: &str = "processor.json";
const START_LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// The address at which the stand-in answers, or will.
pub struct Processor {
    port: u16,
}

impl Processor {
    /// Returns the one beside this emulator. A free port is chosen for it where it does not run yet, since the functions are told
    /// before it can be told where their webhook is.
    pub fn beside(emulator: &Emulator, folder: &Path) -> Result<Self> {
        let file = folder.join(STATE_FILE);
        let known: Option<Value> = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let known = known.filter(|known| known["pid"] == emulator.pid);
        if let Some(port) = known.and_then(|known| u16::try_from(known["port"].as_u64()?).ok()) {
            return Ok(Self { port });
        }
        let port = free_port()?;
        fs::write(file, serde_json::to_vec(&json!({ "pid": emulator.pid, "port": port }))?)?;
        Ok(Self { port })
    }

    /// Returns the address of the stand-in.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> bool {
        Api::new(&self.url(), None)
            .get("/_test/state")
            .is_ok_and(|answer| answer.status == 200)
    }

    /// Starts it, unless it runs, with the webhook and the secrets of this deployment.
    pub fn start(
        &self,
        binary: &Path,
        emulator: &Emulator,
        folder: &Path,
        aws: &Aws,
        outputs: &Value,
        api: &str,
    ) -> Result<()> {
        if self.answers() {
            return Ok(());
        }
        let arn = |name: &str| {
            outputs[name]
                .as_str()
                .with_context(|| format!("the stack has no output {name}"))
        };
        for (secret, key) in [
            ("ProcessorSecretArn", KEY),
            ("ProcessorAccountsSecretArn", ACCOUNTS_KEY),
        ] {
            let put = ["secretsmanager", "put-secret-value", "--secret-id", arn(secret)?];
            aws.call(put.into_iter().chain(["--secret-string", key]))?;
        }
        let get = [
            "secretsmanager",
            "get-secret-value",
            "--secret-id",
            arn("PaymentWebhookSecretArn")?,
        ];
        let secret = aws.call(get)?["SecretString"].as_str().unwrap_or_default().to_owned();
        let voice = fs::File::create(folder.join("processor.log"))?;
        Command::new(binary)
            .args([
                "--port",
                &self.port.to_string(),
                "--key",
                KEY,
                "--accounts-key",
                ACCOUNTS_KEY,
            ])
            .args([
                "--webhook-url",
                &format!("{api}/payment-events"),
                "--webhook-secret",
                &secret,
            ])
            .stdin(Stdio::null())
            .stdout(voice.try_clone()?)
            .stderr(voice)
            .process_group(i32::try_from(emulator.pid)?)
            .spawn()
            .context("cannot start the stand-in for the payment processor")?;
        let begun = Instant::now();
        while !self.answers() {
            if begun.elapsed() > START_LIMIT {
                bail!(
                    "the stand-in for the payment processor did not start; see {}",
                    folder.join("processor.log").display()
                );
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}
