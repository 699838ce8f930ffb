//! What a capable script does in place of the driver: page after page, each parsed by serde_json, and a pause where the
//! answer says that the burst window is used up.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::Value;

/// The number of deals, read one page after the other.
pub(super) fn read(url: &str, token: &str) -> u64 {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(pages(url, token))
}

async fn pages(url: &str, token: &str) -> u64 {
    let client = Client::new();
    let (mut rows, mut cursor) = (0, String::new());
    loop {
        let target = format!("{url}/api/v2/deals?limit=500{cursor}");
        let answer = client.get(target).header("x-api-token", token).send().await.unwrap().error_for_status().unwrap();
        let pause = pause(&answer);
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        rows += page["data"].as_array().unwrap().len() as u64;
        match page["additional_data"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
}

/// How long the next request has to wait.
fn pause(answer: &Response) -> Option<Duration> {
    let number = |name| answer.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
    let left = number("x-ratelimit-remaining")?;
    let reset = number("x-ratelimit-reset")?;
    (left == 0).then(|| Duration::from_secs(reset))
}
