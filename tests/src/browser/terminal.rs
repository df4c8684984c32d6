//! One of the page's terminals.

use thirtyfour::{By, Key, WebElement};

use super::Browser;

pub struct Terminal<'a> {
    pub(super) browser: &'a Browser,
    pub(super) id: u32,
}

impl Terminal<'_> {
    /// The rows that can be seen, those at the end without text left out.
    pub async fn text(&self) -> String {
        let script =
            "return [...document.querySelectorAll(`#pane-${arguments[0]} [role=log] pre > *`)]
            .map(row => row.textContent.replace(/\\n$/, '')).join('\\n').trimEnd()";
        self.browser.ask(script, &[&self.id.to_string()]).await
    }

    /// Waits until the rows that can be seen have this in them.
    pub async fn shows(&self, text: &str) -> String {
        let what = format!("terminal {} shows \"{text}\"", self.id);
        self.browser
            .wait(&what, async || {
                let shown = self.text().await;
                shown.contains(text).then_some(shown)
            })
            .await
    }

    /// The number of ping's newest line.
    pub async fn newest_ping(&self) -> Option<u32> {
        let text = self.text().await;
        let (_, last) = text.rsplit_once("seq=")?;
        let digits: String = last.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// Waits for a line of ping after this one, and gives its number.
    pub async fn ping_after(&self, number: u32) -> u32 {
        let what = format!("ping's line after {number} came");
        self.browser
            .wait(&what, async || {
                self.newest_ping().await.filter(|newest| *newest > number)
            })
            .await
    }

    pub async fn scroll_to_top(&self) {
        self.scroll("0").await;
    }

    pub async fn scroll_to_end(&self) {
        self.scroll("1e9").await;
    }

    async fn scroll(&self, to: &str) {
        let script = "document.querySelector(`#pane-${arguments[0]} [role=log]`).scrollTop = Number(arguments[1]); return true";
        self.browser
            .ask::<bool>(script, &[&self.id.to_string(), to])
            .await;
    }

    /// Selects from one row to another, as with the mouse; gives what a copy would have.
    pub async fn select(&self, from: &str, to: &str) -> String {
        let script = "const rows = [...document.querySelectorAll(`#pane-${arguments[0]} [role=log] pre > *`)];
            const row = text => rows.find(row => row.textContent.trim() === text);
            const range = document.createRange();
            range.setStart(row(arguments[1]), 0);
            range.setEnd(row(arguments[2]), row(arguments[2]).childNodes.length);
            const selection = document.getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            return selection.toString()";
        let id = self.id.to_string();
        self.browser.ask(script, &[&id, from, to]).await
    }

    /// As many rows and columns as there is room for: `24 80`.
    pub async fn fits(&self) -> String {
        let script = "const log = document.querySelector(`#pane-${arguments[0]} [role=log]`), pre = log.querySelector('pre');
            const probe = document.createElement('span');
            probe.textContent = '0'.repeat(100);
            probe.style.position = 'absolute';
            pre.append(probe);
            const columns = Math.floor((log.clientWidth - 24) / (probe.getBoundingClientRect().width / 100));
            probe.remove();
            return `${Math.floor(log.clientHeight / parseFloat(getComputedStyle(log).lineHeight))} ${columns}`";
        self.browser.ask(script, &[&self.id.to_string()]).await
    }

    /// Where commands are typed; waits until nothing runs.
    pub async fn prompt(&self) -> WebElement {
        self.browser.find(By::Id(format!("line-{}", self.id))).await
    }

    pub async fn type_line(&self, line: &str) {
        let prompt = self.prompt().await;
        let typed = prompt.send_keys(format!("{line}\n")).await;
        typed.expect("a prompt that can be typed into");
    }

    /// Types a line, and waits until it has ended; gives what can be seen.
    pub async fn run(&self, line: &str) -> String {
        let before = self.text().await;
        self.type_line(line).await;
        // The line itself is shown once it runs, and the prompt comes back when it has ended.
        let what = format!("terminal {} shows that `{line}` runs", self.id);
        self.browser
            .wait(&what, async || (self.text().await != before).then_some(()))
            .await;
        self.is_free().await;
        self.text().await
    }

    pub async fn is_free(&self) {
        self.prompt().await;
    }

    /// What runs here, as the foot of the terminal says it.
    pub async fn running(&self) -> Option<String> {
        let script = "const stop = [...document.querySelectorAll(`#pane-${arguments[0]} button`)]
                .find(button => button.textContent.startsWith('Stop'));
            return stop ? stop.previousElementSibling.textContent.trim() : null";
        self.browser.ask(script, &[&self.id.to_string()]).await
    }

    pub async fn runs(&self, line: &str) {
        let what = format!("terminal {} runs `{line}`", self.id);
        self.browser
            .wait(&what, async || {
                (self.running().await.as_deref() == Some(line)).then_some(())
            })
            .await;
    }

    pub async fn stop(&self) {
        let stop = format!(
            "//*[@id='pane-{}']//button[starts-with(., 'Stop')]",
            self.id
        );
        let stop = self.browser.find(By::XPath(stop)).await;
        stop.click().await.expect("a Stop button that can be used");
    }

    /// Ctrl-C, typed to what runs here.
    pub async fn ctrl_c(&self) {
        let rows = self.rows().await;
        let typed = rows.send_keys(Key::Control + "c").await;
        typed.expect("rows that can be typed into");
    }

    /// The rows, to type to a program.
    pub async fn rows(&self) -> WebElement {
        let rows = format!("#pane-{} [role=log]", self.id);
        self.browser.find(By::Css(rows)).await
    }

    pub async fn tab(&self) -> WebElement {
        self.browser.find(By::Id(format!("tab-{}", self.id))).await
    }
}
