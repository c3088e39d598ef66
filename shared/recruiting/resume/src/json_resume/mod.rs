//! Reads and writes JSON Resume (jsonresume.org, schema 1.0) without loss.
//!
//! Parts that a [`Resume`](crate::Resume) has no field for stay in its `extra`, under the schema's names. Values that the schema
//! has no place for go under names that begin with `x-`, and the spans and confidences under `meta["x-inventure"]`.

mod export;
mod import;
mod reactive;
mod render;

pub use export::export;
pub use import::import;
pub use render::render;

/// The name under which this project keeps its own members of `meta`.
const NAMESPACE: &str = "x-inventure";

/// The mark of a link without a network that came as a profile and not as the person's own address. It is never exported.
const IS_PROFILE: &str = "x-profile";

/// Returns the site of a profile, where the address is one of the known networks.
pub(crate) fn network(url: &str) -> Option<&'static str> {
    const NETWORKS: [(&str, &str); 14] = [
        ("linkedin.com", "LinkedIn"),
        ("github.com", "GitHub"),
        ("github.io", "GitHub Pages"),
        ("gitlab.com", "GitLab"),
        ("bitbucket.org", "Bitbucket"),
        ("stackoverflow.com", "Stack Overflow"),
        ("twitter.com", "Twitter"),
        ("x.com", "Twitter"),
        ("behance.net", "Behance"),
        ("dribbble.com", "Dribbble"),
        ("medium.com", "Medium"),
        ("kaggle.com", "Kaggle"),
        ("leetcode.com", "LeetCode"),
        ("indeed.com", "Indeed"),
    ];
    let url = url.to_ascii_lowercase();
    let host = url
        .split_once("://")
        .map_or(url.as_str(), |(_, rest)| rest)
        .split(['/', '?', '#'])
        .next()?;
    NETWORKS
        .iter()
        .find(|(domain, _)| {
            host.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests;
