//! Reset lab: the button, and the question that it asks.

use serde::Deserialize;

use super::Browser;

pub struct Reset<'a>(pub(super) &'a Browser);

/// What it would remove.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Plan {
    pub containers: Vec<String>,
    pub networks: Vec<String>,
}

impl Reset<'_> {
    /// Asks, and gives what would be removed.
    pub async fn ask(&self) -> Plan {
        self.0.click("Reset lab").await;
        self.plan().await
    }

    /// What the open question says.
    pub async fn plan(&self) -> Plan {
        self.0
            .until(
                "the reset's question is there",
                "return !!document.querySelector('[role=alertdialog]')",
            )
            .await;
        let script = "const list = what => {
                const heading = [...document.querySelectorAll('[role=alertdialog] h3')].find(h3 => h3.textContent === what);
                return heading ? [...heading.nextElementSibling.children].map(item => item.textContent).sort() : [];
            };
            return { containers: list('Containers'), networks: list('Networks') }";
        self.0.ask(script, &[]).await
    }

    pub async fn is_open(&self) -> bool {
        self.0
            .ask("return !!document.querySelector('[role=alertdialog]')", &[])
            .await
    }

    pub async fn is_closed(&self) {
        self.0
            .until(
                "the reset's question is gone",
                "return !document.querySelector('[role=alertdialog]')",
            )
            .await;
    }

    pub async fn confirm(&self) {
        self.0.click("Remove these").await;
        self.is_closed().await;
    }

    pub async fn keep(&self) {
        self.0.click("Keep everything").await;
        self.is_closed().await;
    }
}
