//! The lab's files in the editor, and what could follow in the prompt.

use tests::browser::{Browser, files::Files};
use thirtyfour::{By, Key};

const TEXT: &str = "return document.querySelector('.editor textarea')?.value";

#[tokio::test]
async fn a_file_is_opened_changed_and_kept() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let (terminal, keys) = (browser.terminal(1), browser.keyboard());
    let says = |text: &str| format!("{TEXT} === {text:?}");

    terminal
        .type_line("echo 'print(1)' > app.py && nano app.py")
        .await;
    browser.until("the file is open", &says("print(1)\n")).await;

    // Tab indents, until Escape lets it lead on.
    browser
        .find(By::Css(".editor textarea"))
        .await
        .click()
        .await
        .unwrap();
    keys.control('a').await;
    keys.press("if 1:\n").await;
    keys.press(Key::Tab).await;
    assert_eq!(keys.press("print(2)").await.tag, "TEXTAREA");
    browser
        .until("it is indented", &says("if 1:\n    print(2)"))
        .await;
    let state = "return document.querySelector('.editor-state').textContent";
    browser
        .until("it says so", &format!("{state} === 'Not saved'"))
        .await;

    // What is not saved is there after a reload.
    browser.reload().await;
    browser.find(By::Id("tab-0")).await.click().await.unwrap();
    browser.find(By::Css(".file")).await.click().await.unwrap();
    browser
        .until("nothing is lost", &says("if 1:\n    print(2)"))
        .await;
    browser
        .find(By::Css(".editor textarea"))
        .await
        .click()
        .await
        .unwrap();
    keys.control('s').await;
    browser
        .until("it is saved", &format!("{state} === 'Saved'"))
        .await;
    // It is the last place of the page, so Tab leads out of it.
    keys.press(Key::Escape).await;
    let tab = browser.driver().action_chain().send_keys(Key::Tab);
    tab.perform().await.unwrap();
    assert_ne!(keys.focus().await.tag, "TEXTAREA");

    browser.find(By::Id("tab-1")).await.click().await.unwrap();
    terminal.type_line("cat app.py | wc -l").await;
    terminal.shows("1").await;
}

#[tokio::test]
async fn what_could_follow_is_shown_and_chosen() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let (terminal, keys) = (browser.terminal(1), browser.keyboard());
    let prompt = async || {
        let prompt = terminal.prompt().await;
        prompt.value().await.unwrap().unwrap_or_default()
    };

    terminal.prompt().await.click().await.unwrap();
    keys.press("docker netw").await;
    keys.press(Key::Tab).await;
    assert_eq!(prompt().await, "docker network ");
    keys.press("c").await;
    keys.press(Key::Tab).await;
    let shown = "return [...document.querySelectorAll('.line-list [role=option] > :first-child')].map(option => option.textContent).join(' ')";
    browser
        .until(
            "what fits is shown",
            &format!("{shown} === 'connect create'"),
        )
        .await;
    keys.press(Key::Down).await;
    keys.press(Key::Enter).await;
    assert_eq!(prompt().await, "docker network create ");
    keys.press("--foo x").await;
    let hint = "return document.querySelector('.line-hint').textContent";
    browser
        .until(
            "what is wrong is said",
            &format!("{hint} === 'unknown flag: --foo.'"),
        )
        .await;
}
