//! The page as a person has it: in a real browser, in front of a real agent, a real engine, or nothing.
//!
//! Page objects find things as a person or a screen reader does: by role, name and text. They know no style sheet.

pub mod engine;
pub mod files;
pub mod keyboard;
pub mod lesson;
pub mod look;
pub mod picture;
pub mod reset;
pub mod settings;
pub mod terminal;

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::{By, WebDriver, WebElement};
use tokio::time::sleep;

use crate::driver::Driver;
use keyboard::Keyboard;
use lesson::Lesson;
use picture::Picture;
use reset::Reset;
use settings::Settings;
use terminal::Terminal;

/// Nothing that a test waits for takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(30);

/// One window.
pub struct Browser {
    driver: Driver,
    pub settings: Settings,
}

impl Browser {
    /// `None` where there is no browser to test in.
    pub async fn start() -> Option<Self> {
        let settings = Settings::find()?;
        let driver = Driver::start().await.expect("Chromium");
        let browser = Self { driver, settings };
        browser.resize(1440, 900).await;
        Some(browser)
    }

    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens an address and waits for the lesson.
    pub async fn open(&self, address: &str) {
        self.driver().goto(address).await.expect("a page");
        self.ready().await;
    }

    pub async fn reload(&self) {
        self.driver().refresh().await.expect("a page");
        self.ready().await;
    }

    async fn ready(&self) {
        self.until(
            "the page is ready",
            "return !!document.querySelector('main h1')",
        )
        .await;
    }

    pub fn lesson(&self) -> Lesson<'_> {
        Lesson(self)
    }

    pub fn picture(&self) -> Picture<'_> {
        Picture(self)
    }

    pub fn terminal(&self, id: u32) -> Terminal<'_> {
        Terminal { browser: self, id }
    }

    pub fn reset(&self) -> Reset<'_> {
        Reset(self)
    }

    pub fn keyboard(&self) -> Keyboard<'_> {
        Keyboard(self)
    }

    /// The size of what shows the page, exactly.
    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// What the person's system asks for: `("prefers-color-scheme", "dark")`.
    pub async fn prefers(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let answer = self.driver().cdp().send_raw(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Asks the page: the body of a JavaScript function.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str, arguments: &[&str]) -> T {
        let arguments: Vec<Value> = arguments.iter().map(|text| json!(text)).collect();
        let answer = self.driver().execute(script, arguments).await;
        let answer = answer.unwrap_or_else(|error| panic!("{script}: {error}"));
        answer
            .convert()
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until the body of a JavaScript function is true.
    pub async fn until(&self, what: &str, script: &str) {
        self.wait(what, async || {
            self.ask::<bool>(script, &[]).await.then_some(())
        })
        .await;
    }

    /// Waits until there is an answer.
    pub async fn wait<T>(&self, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if began.elapsed() > PATIENCE {
                self.give_up(what).await;
            }
            sleep(PAUSE).await;
        }
    }

    async fn give_up(&self, what: &str) -> ! {
        let name = what.replace(|char: char| !char.is_ascii_alphanumeric(), "-");
        let picture = look::folder().join(format!("failed-{name}.png"));
        let _ = self.driver().screenshot(&picture).await;
        let text: String = self.ask("return document.body.innerText", &[]).await;
        panic!(
            "waited in vain until {what}: see {}; the page says:\n{text}",
            picture.display()
        )
    }

    /// The one element that a selector names; waits for it.
    pub async fn find(&self, by: By) -> WebElement {
        let what = format!("there is {by}");
        self.wait(&what, async || self.driver().find(by.clone()).await.ok())
            .await
    }

    /// The button of this name, as a screen reader says it.
    pub async fn button(&self, name: &str) -> WebElement {
        let name = format!("'{name}'");
        self.find(By::XPath(format!(
            "//button[@aria-label={name} or (not(@aria-label) and starts-with(normalize-space(), {name}))]"
        )))
        .await
    }

    pub async fn click(&self, button: &str) {
        self.button(button)
            .await
            .click()
            .await
            .unwrap_or_else(|error| panic!("{button}: {error}"));
    }

    /// The notices under the bar.
    pub async fn notices(&self) -> Vec<String> {
        self.ask(
            "return [...document.querySelectorAll('.notices .notice')].map(notice => notice.innerText.trim())",
            &[],
        )
        .await
    }

    /// Errors that the page wrote to its console: broken policies, panics, what could not be loaded.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver().browser_log().await.expect("the console");
        log.into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .map(|entry| entry.message)
            .collect()
    }
}
