//! Nothing jumps while a lesson goes on, and nothing moves for those who asked for that.

use tests::browser::{
    Browser,
    files::Files,
    lesson::{CREATE, PING, STEPS, WEB},
};

#[tokio::test]
async fn nothing_jumps_and_nothing_moves() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    browser
        .prefers(&[("prefers-reduced-motion", "reduce")])
        .await;
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let (lesson, terminal) = (browser.lesson(), browser.terminal(1));
    lesson.run(CREATE).await;
    lesson.holds(1).await;
    nothing_moves(&browser).await;
    lesson.next().await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    nothing_moves(&browser).await;
    lesson.next().await;
    lesson.is_at(STEPS[2]).await;
    lesson.predict("web answers").await;
    lesson.run(PING).await;
    terminal.ping_after(2).await;
    lesson.holds(3).await;
    nothing_moves(&browser).await;
    terminal.stop().await;
    terminal.is_free().await;
    let jumps = jumps(&browser).await;
    let sum: f64 = jumps.iter().map(|(value, _)| value).sum();
    assert!(sum < 0.02, "what jumped, and how much: {jumps:#?}");
}

async fn nothing_moves(browser: &Browser) {
    let moving: Vec<String> = browser
        .ask(
            "return document.getAnimations().filter(move => move.playState === 'running')
                .map(move => `${move.effect.target.tagName} ${move.animationName || move.transitionProperty}`)",
            &[],
        )
        .await;
    assert_eq!(moving, Vec::<String>::new());
}

/// The layout's shifts since the page was opened, as browsers count them: not those that a person has just asked for.
async fn jumps(browser: &Browser) -> Vec<(f64, String)> {
    let script = "const done = arguments[arguments.length - 1], jumps = [];
        const what = source => source.node ? `${source.node.nodeName} ${(source.node.textContent || '').slice(0, 30)}` : '?';
        new PerformanceObserver(list => list.getEntries().filter(jump => !jump.hadRecentInput)
            .forEach(jump => jumps.push([jump.value, jump.sources.map(what).join(', ')])))
            .observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => done(jumps), 200)";
    let jumps = browser.driver().execute_async(script, Vec::new()).await;
    jumps.expect("the shifts").convert().expect("a list")
}
