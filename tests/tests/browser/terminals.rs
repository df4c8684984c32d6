//! Terminals with what programs really print: much, sideways, binary, and what would reach outside of them.

use serde_json::json;
use tests::browser::{Browser, engine::Engine, terminal::Terminal};
use tests::spawned::Spawned;
use thirtyfour::Key;

#[tokio::test]
async fn a_terminal_bears_everything() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(engine) = Engine::newest().await else {
        return;
    };
    let agent = Spawned::found_through(&engine.host);
    browser.open(&agent.address()).await;
    let terminal = browser.terminal(1);
    scrollback_and_selection(&terminal).await;
    find(&browser, &terminal).await;
    size(&browser, &terminal).await;
    escapes(&browser, &terminal).await;
    binary(&terminal).await;
    one_long_line(&browser, &terminal).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

async fn scrollback_and_selection(terminal: &Terminal<'_>) {
    terminal.run("docker run --rm alpine seq 1001 1300").await;
    terminal.shows("1300").await;
    terminal.scroll_to_top().await;
    terminal.shows("1001\n1002\n1003").await;
    assert_eq!(terminal.select("1002", "1004").await, "1002\n1003\n1004");
    terminal.scroll_to_end().await;
    terminal.shows("1299\n1300").await;
}

async fn find(browser: &Browser, terminal: &Terminal<'_>) {
    let keys = browser.keyboard();
    keys.control('f').await;
    let there =
        "return document.activeElement.getAttribute('aria-label') === 'Find in this terminal'";
    browser
        .until("the field to find in has the focus", there)
        .await;
    keys.press("1042").await;
    terminal.shows("1042").await;
    let said = "return document.querySelector('[role=search]').innerText.includes('1 rows')";
    browser.until("one row is found", said).await;
    keys.press(Key::Escape).await;
    assert_eq!(keys.focus_is_seen().await.tag, "INPUT");
}

/// A program is told how much room it has.
async fn size(browser: &Browser, terminal: &Terminal<'_>) {
    browser.resize(1440, 900).await;
    terminal.type_line("docker run --rm -it alpine sh").await;
    terminal.shows("/ #").await;
    let mut sizes = Vec::new();
    for (width, height) in [(1024, 768), (1920, 1080)] {
        browser.resize(width, height).await;
        let what = format!("stty says the size at {width}x{height}");
        let size = browser
            .wait(&what, async || {
                terminal
                    .rows()
                    .await
                    .send_keys("clear; stty size\n")
                    .await
                    .ok()?;
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                let shown = terminal.text().await;
                let fits = terminal.fits().await;
                shown.lines().any(|line| line == fits).then_some(fits)
            })
            .await;
        sizes.push(size);
    }
    assert_ne!(sizes[0], sizes[1]);
    browser.resize(1440, 900).await;
    terminal
        .rows()
        .await
        .send_keys("exit\n")
        .await
        .expect("keys");
    terminal.is_free().await;
}

/// Titles, the clipboard and the window are not a program's.
async fn escapes(browser: &Browser, terminal: &Terminal<'_>) {
    let clipboard = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser
        .devtools("Browser.grantPermissions", clipboard)
        .await;
    let copy = "return navigator.clipboard.writeText('mine').then(() => true)";
    assert!(browser.ask::<bool>(copy, &[]).await);
    let title = browser.driver().title().await.expect("a title");
    let escapes =
        r"\033]0;stolen\007b\033]2;stolen\007c\033]52;c;c3RvbGVu\007d\033[8;5;5te\033[21t";
    terminal
        .run(&format!("docker run --rm alpine printf 'a{escapes}f\\n'"))
        .await;
    terminal.shows("\nabcdef").await;
    assert_eq!(browser.driver().title().await.expect("a title"), title);
    let pasted = "return navigator.clipboard.readText()";
    assert_eq!(browser.ask::<String>(pasted, &[]).await, "mine");
}

async fn binary(terminal: &Terminal<'_>) {
    terminal
        .run("docker run --rm alpine head -c 60000 /dev/urandom")
        .await;
    terminal.run("docker network ls").await;
    terminal.shows("NETWORK ID     NAME").await;
}

async fn one_long_line(browser: &Browser, terminal: &Terminal<'_>) {
    let watch = "window.longest = 0;
        let before = performance.now();
        const watch = now => { window.longest = Math.max(window.longest, now - before); before = now; requestAnimationFrame(watch); };
        requestAnimationFrame(watch);
        return true";
    browser.ask::<bool>(watch, &[]).await;
    terminal
        .run(r"docker run --rm alpine sh -c 'head -c 10000000 /dev/zero | tr \\0 x; echo; echo end of it'")
        .await;
    let shown = terminal.shows("\nend of it").await;
    assert!(shown.contains(&"x".repeat(60)), "{shown}");
    let longest: f64 = browser.ask("return window.longest", &[]).await;
    assert!(longest < 500.0, "no picture was drawn for {longest} ms");
    terminal.run("docker network ls").await;
    terminal.shows("NETWORK ID     NAME").await;
}
