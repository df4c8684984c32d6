//! How the page looks: pictures of it, and what is wrong with its layout.

use std::{fs, path::PathBuf};

use super::{
    Browser,
    settings::{self, variable},
};

const THEMES: [&str; 2] = ["light", "dark"];
/// The smallest that is meant to work, the usual laptop, a projector.
const SIZES: [(u32, u32); 3] = [(1024, 768), (1440, 900), (1920, 1080)];

/// Where the pictures are kept.
pub fn folder() -> PathBuf {
    let folder = settings::target().join("screenshots");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder
}

/// The page at one place in the course, in both themes and all sizes. Collects what is wrong, so that one run tells all.
pub struct Look<'a> {
    browser: &'a Browser,
    wrong: Vec<String>,
}

impl<'a> Look<'a> {
    pub fn at(browser: &'a Browser) -> Self {
        Self {
            browser,
            wrong: Vec::new(),
        }
    }

    /// Keeps pictures of the page under this name. What `must_be_seen` selects must be in view without scrolling.
    pub async fn take(&mut self, name: &str, must_be_seen: &[(&str, &str)]) {
        for theme in THEMES {
            self.browser
                .prefers(&[("prefers-color-scheme", theme)])
                .await;
            for (width, height) in SIZES {
                self.browser.resize(width, height).await;
                self.settle().await;
                let here = format!("{name}-{theme}-{width}x{height}");
                let picture = folder().join(format!("{here}.png"));
                let taken = self.browser.driver().screenshot(&picture).await;
                taken.expect("a picture");
                self.layout(&here).await;
                if (width, height) != (1920, 1080) {
                    self.seen(&here, must_be_seen).await;
                }
            }
            self.access(&format!("{name}-{theme}")).await;
        }
        self.browser.prefers(&[]).await;
        self.browser.resize(1440, 900).await;
    }

    pub fn is_right(self) {
        let wrong = self.wrong.join("\n");
        assert!(wrong.is_empty(), "{wrong}");
    }

    /// What appears has appeared, and what was drawn again is drawn.
    async fn settle(&self) {
        let moving = "return document.fonts.status === 'loaded' && document.getAnimations()
            .every(move => move.playState !== 'running' || move.effect.getTiming().iterations === Infinity)";
        // A word under the mouse would explain itself.
        let away = serde_json::json!({ "type": "mouseMoved", "x": 0, "y": 0 });
        self.browser
            .devtools("Input.dispatchMouseEvent", away)
            .await;
        self.browser.until("nothing moves", moving).await;
        let frames = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 20)))";
        let drawn = self
            .browser
            .driver()
            .execute_async(frames, Vec::new())
            .await;
        drawn.expect("two frames");
    }

    async fn layout(&mut self, here: &str) {
        let found: Vec<String> = self.browser.ask(LAYOUT, &[]).await;
        self.wrong
            .extend(found.into_iter().map(|what| format!("{here}: {what}")));
    }

    async fn seen(&mut self, here: &str, must_be_seen: &[(&str, &str)]) {
        for (what, selector) in must_be_seen {
            if !self.browser.ask::<bool>(SEEN, &[selector]).await {
                self.wrong.push(format!("{here}: {what} is not in view"));
            }
        }
    }

    /// What axe-core finds: names, roles, contrast.
    async fn access(&mut self, here: &str) {
        let Some(axe) = variable("CAUSEWAY_TEST_AXE") else {
            return;
        };
        let axe = fs::read_to_string(axe).expect("axe-core");
        let script = format!(
            "const done = arguments[arguments.length - 1];
            if (!window.axe) {{ {axe} }}
            window.axe.run(document, {{ resultTypes: ['violations'] }}).then(found => done(found.violations.flatMap(
                violation => violation.nodes.map(node => `${{violation.id}}: ${{node.target}}: ${{node.failureSummary}}`))))"
        );
        let found = self.browser.driver().execute_async(&script, Vec::new());
        let found: Vec<String> = found.await.expect("axe-core").convert().expect("a list");
        self.wrong
            .extend(found.into_iter().map(|what| format!("{here}: {what}")));
    }
}

/// Whether an element is wholly in view, and nothing lies over its middle.
const SEEN: &str = "const element = document.querySelector(arguments[0]);
    if (!element) return false;
    const own = element.getBoundingClientRect();
    const middle = document.elementFromPoint((own.left + own.right) / 2, (own.top + own.bottom) / 2);
    let fits = own.left >= 0 && own.top >= 0 && own.right <= innerWidth && own.bottom <= innerHeight;
    for (let above = element.parentElement; above; above = above.parentElement) {
        if (getComputedStyle(above).overflowY === 'visible') continue;
        const box = above.getBoundingClientRect();
        fits &&= own.top >= box.top - 1 && own.bottom <= box.bottom + 1;
    }
    return fits && !!middle && (element.contains(middle) || middle.contains(element))";

/// Sideways scrolling, and texts that lie over each other.
const LAYOUT: &str = r"const wrong = [];
    for (const element of [document.scrollingElement, ...document.querySelectorAll('main, main > section, dialog')]) {
        if (element.scrollWidth > element.clientWidth + 1)
            wrong.push(`${element.tagName} ${element.getAttribute('aria-label') || ''} scrolls sideways`);
    }
    const root = document.querySelector('dialog[open]') || document.body;
    const texts = [];
    const shown = (rect, element) => {
        let { left, top, right, bottom } = rect;
        for (let above = element; above; above = above.parentElement) {
            const style = getComputedStyle(above);
            if (style.overflowX === 'visible' && style.overflowY === 'visible' && style.clipPath === 'none') continue;
            const box = above.getBoundingClientRect();
            left = Math.max(left, box.left); right = Math.min(right, box.right);
            top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
        }
        return { left, top, right, bottom };
    };
    // What sticks in front of what scrolls hides it, and is no mistake.
    const layer = element => {
        while (element && !['sticky', 'fixed'].includes(getComputedStyle(element).position)) element = element.parentElement;
        return element;
    };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (element.closest('.hidden, [role=tooltip]')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects()) {
            const at = shown(rect, element);
            if (at.right - at.left > 3 && at.bottom - at.top > 8) texts.push({ at, layer: layer(element), text: node.data.trim().slice(0, 40) });
        }
    }
    for (let one = 0; one < texts.length; one++) for (let other = one + 1; other < texts.length; other++) {
        const [a, b] = [texts[one], texts[other]];
        if (a.layer !== b.layer) continue;
        const wide = Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left);
        const high = Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top);
        if (wide > 2 && high > 5) wrong.push(`<${a.text}> lies over <${b.text}>`);
    }
    return [...new Set(wrong)]";
