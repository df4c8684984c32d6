//! The lesson's pane: its step, commands, prediction and goal.

use serde::Deserialize;
use thirtyfour::By;

use super::Browser;

pub struct Lesson<'a>(pub(super) &'a Browser);

pub const CREATE: &str = "docker network create mynet";
pub const WEB: &str = "docker run -d --name web --network mynet nginx";
pub const PING: &str = "docker run -it --name alpine --network mynet alpine ping web";
pub const INSPECT: &str = "docker network inspect mynet";

/// The lesson's steps, by their headings.
pub const STEPS: [&str; 4] = [
    "A bridge of your own",
    "A web server on it",
    "Will ping web work by name?",
    "What you saw",
];

/// A line of the goal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Check {
    /// `holds`, `was reached`, `not yet`
    pub state: String,
    pub sentence: String,
}

impl Lesson<'_> {
    pub async fn heading(&self) -> String {
        self.0
            .ask("return document.querySelector('main h1').innerText", &[])
            .await
    }

    /// Waits for the step with this heading.
    pub async fn is_at(&self, heading: &str) {
        let what = format!("the step is \"{heading}\"");
        self.0
            .wait(&what, async || {
                (self.heading().await == heading).then_some(())
            })
            .await;
    }

    /// Clicks a command's Run button, once nothing else runs in the terminal.
    pub async fn run(&self, command: &str) {
        self.0.terminal(1).is_free().await;
        self.0.click(&format!("Run {command}")).await;
    }

    pub async fn next(&self) {
        self.0.click("Next").await;
    }

    /// What stands beside a command: `✓ done`, `exit 1`, `runs`, or nothing.
    pub async fn outcome(&self, command: &str) -> String {
        let script =
            "const run = document.querySelector(`button[aria-label=\"Run ${arguments[0]}\"]`);
            const said = run.parentElement.cloneNode(true);
            said.querySelector('button').remove();
            return said.textContent.trim()";
        self.0.ask(script, &[command]).await
    }

    pub async fn outcome_is(&self, command: &str, expected: &str) {
        let what = format!("`{command}` is marked \"{expected}\"");
        self.0
            .wait(&what, async || {
                (self.outcome(command).await == expected).then_some(())
            })
            .await;
    }

    /// Chooses the answer that has this in its text.
    pub async fn predict(&self, text: &str) {
        let label = format!("//fieldset//label[contains(., \"{text}\")]");
        let label = self.0.find(By::XPath(label)).await;
        label.click().await.expect("an answer that can be chosen");
    }

    /// The prediction as it stands there now.
    pub async fn prediction(&self) -> String {
        self.0
            .ask("return document.querySelector('fieldset').innerText", &[])
            .await
    }

    /// Waits until the prediction says this.
    pub async fn prediction_says(&self, text: &str) {
        let what = format!("the prediction says \"{text}\"");
        self.0
            .wait(&what, async || {
                self.prediction().await.contains(text).then_some(())
            })
            .await;
    }

    pub async fn goal(&self) -> Vec<Check> {
        let script = "return [...document.querySelectorAll('[aria-label=\"Goal of this lesson\"] li')].map(line => {
            const [state, ...sentence] = line.textContent.trim().split(': ');
            return { state: state.replace(/^✓/, ''), sentence: sentence.join(': ') };
        })";
        self.0.ask(script, &[]).await
    }

    /// Waits until so many of the goal's checks hold, from the first one on.
    pub async fn holds(&self, count: usize) {
        let what = format!("{count} checks of the goal hold");
        self.0
            .wait(&what, async || {
                let goal = self.goal().await;
                let holds: Vec<bool> = goal.iter().map(|check| check.state == "holds").collect();
                (holds == [count > 0, count > 1, count > 2]).then_some(())
            })
            .await;
    }
}
