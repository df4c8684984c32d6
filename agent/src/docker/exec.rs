//! `/exec`

use async_trait::async_trait;
use bollard::exec::StartExecOptions;
use lab::{
    Attached, Exec, Result, Size,
    models::{ExecConfig, ExecInspectResponse},
    options::ResizeExecOptions,
};
use serde_json::json;

use super::{Docker, NO_QUERY, flow, name};

#[async_trait]
impl Exec for Docker {
    async fn create_exec(&self, container: &str, config: ExecConfig) -> Result<String> {
        let container = name::container(container)?;
        let made = self.said(self.bollard.create_exec(&container, config).await)?;
        Ok(made.id)
    }

    async fn start_exec(&self, exec: &str, terminal: bool) -> Result<Attached> {
        let route = format!("/exec/{}/start", name::exec(exec)?);
        let body = json!({"Detach": false, "Tty": terminal}).to_string();
        let response = self.hijack(&route, NO_QUERY, Some(body)).await?;
        flow::attached(self.endpoint(), response, terminal).await
    }

    async fn start_exec_detached(&self, exec: &str) -> Result<()> {
        let exec = name::exec(exec)?;
        let options = StartExecOptions {
            detach: true,
            ..Default::default()
        };
        self.said(self.bollard.start_exec(&exec, Some(options)).await)?;
        Ok(())
    }

    async fn inspect_exec(&self, exec: &str) -> Result<ExecInspectResponse> {
        let exec = name::exec(exec)?;
        self.said(self.bollard.inspect_exec(&exec).await)
    }

    async fn resize_exec(&self, exec: &str, size: Size) -> Result<()> {
        let exec = name::exec(exec)?;
        let options = ResizeExecOptions {
            h: size.rows.into(),
            w: size.columns.into(),
        };
        self.said(self.bollard.resize_exec(&exec, options).await)
    }
}
