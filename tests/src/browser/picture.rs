//! The topology: what is drawn, and the same as a table.

use serde::Deserialize;
use thirtyfour::By;

use super::Browser;

pub struct Picture<'a>(pub(super) &'a Browser);

/// A network as it is drawn.
#[derive(Clone, Debug, Deserialize)]
pub struct Rail {
    pub text: String,
    pub foreign: bool,
    /// The text that is crossed out.
    pub crossed_out: String,
}

/// A container as it is drawn.
#[derive(Clone, Debug, Deserialize)]
pub struct Shape {
    pub text: String,
    pub foreign: bool,
    pub opacity: f64,
    /// Where its drop begins and its box ends, on the screen.
    pub top: f64,
    pub left: f64,
    pub right: f64,
}

/// A container's row in the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    pub name: String,
    pub state: String,
    pub on: String,
}

impl Picture<'_> {
    pub async fn rail(&self, network: &str) -> Option<Rail> {
        let script = "const rail = document.querySelector(`[data-network=\"${arguments[0]}\"]`);
            if (!rail) return null;
            const crossed = [...rail.querySelectorAll('text')]
                .filter(text => getComputedStyle(text).textDecorationLine === 'line-through');
            return {
                text: rail.textContent,
                foreign: rail.classList.contains('foreign'),
                crossed_out: crossed.map(text => text.textContent).join(' '),
            }";
        self.0.ask(script, &[network]).await
    }

    pub async fn container(&self, name: &str) -> Option<Shape> {
        let script = "const shape = document.querySelector(`[data-container=\"${arguments[0]}\"]`);
            if (!shape) return null;
            const { top, left, right } = shape.getBoundingClientRect();
            return {
                text: shape.textContent,
                foreign: shape.classList.contains('foreign'),
                opacity: Number(getComputedStyle(shape).opacity),
                top, left, right,
            }";
        self.0.ask(script, &[name]).await
    }

    /// Waits until the network is drawn.
    pub async fn has_rail(&self, network: &str) -> Rail {
        let what = format!("the rail {network} is drawn");
        self.0.wait(&what, async || self.rail(network).await).await
    }

    /// Waits until the container is drawn, with all of this in its text.
    pub async fn has_container(&self, name: &str, texts: &[&str]) -> Shape {
        let what = format!("the container {name} is drawn with {texts:?}");
        self.0
            .wait(&what, async || {
                let shape = self.container(name).await?;
                texts
                    .iter()
                    .all(|text| shape.text.contains(text))
                    .then_some(shape)
            })
            .await
    }

    /// Waits until neither a network nor a container of this name is drawn.
    pub async fn has_no(&self, name: &str) {
        let what = format!("{name} is no longer drawn");
        self.0
            .wait(&what, async || {
                let there = self.rail(name).await.is_some() || self.container(name).await.is_some();
                (!there).then_some(())
            })
            .await;
    }

    /// Clicks what opens a container's log in a terminal of its own.
    pub async fn follow_the_log_of(&self, container: &str) {
        let logs = format!("//*[*[local-name()='title'][. = 'Follow the log of {container}']]");
        let logs = self.0.find(By::XPath(logs)).await;
        logs.click().await.expect("a log that can be opened");
    }

    pub async fn table(&self) -> Vec<Row> {
        let script =
            "return [...document.querySelectorAll('[aria-label=Topology] tbody tr')].map(row => {
            const [name, state, on] = [...row.children].map(cell => cell.textContent);
            return { name, state, on };
        })";
        self.0.ask(script, &[]).await
    }

    pub async fn row(&self, container: &str) -> Option<Row> {
        let rows = self.table().await.into_iter();
        rows.into_iter()
            .find(|row| row.name.split(' ').next() == Some(container))
    }
}
