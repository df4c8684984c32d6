//! `/version`, `/info`, `/system/df`, `/events`

use async_trait::async_trait;
use bytes::Bytes;
use hyper::Method;
use jiff::Timestamp;
use lab::{
    Result, System,
    engine::Items,
    models::{EventMessage, SystemDataUsageResponse, SystemInfo, SystemVersion},
    options::{DataUsageOptions, EventsOptions},
};

use super::{Docker, NO_QUERY, flow};

#[async_trait]
impl System for Docker {
    async fn version(&self) -> Result<SystemVersion> {
        self.said(self.bollard.version().await)
    }

    async fn info(&self) -> Result<SystemInfo> {
        self.raw("/info", NO_QUERY).await?.parse()
    }

    async fn data_usage(&self, options: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        self.said(self.bollard.df(Some(options)).await)
    }

    /// The engine answers a moment before it listens, so it is told from when on.
    async fn events(&self, mut options: EventsOptions) -> Result<Items<EventMessage>> {
        let endless = options.until.is_none();
        // Without either, what was before is not asked for.
        if endless {
            let now = || seconds(Timestamp::now());
            options.since.get_or_insert_with(now);
        }
        let response = self.ask(Method::GET, "/events", options, None).await?;
        let events = flow::items(self.endpoint(), response);
        if endless {
            return Ok(flow::endless(self.endpoint(), events));
        }
        Ok(events)
    }

    async fn ping(&self) -> Result<Bytes> {
        let pong = self.transport.ping().await?;
        self.transport.whole(pong).await
    }
}

fn seconds(time: Timestamp) -> String {
    format!("{}.{:09}", time.as_second(), time.subsec_nanosecond())
}
