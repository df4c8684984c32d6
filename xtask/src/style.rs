//! The page's one style sheet: `style/*.css` in the order that they count on, comments and indents left out.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::root;

/// Tokens and base first, the components after them by name.
pub fn sheet() -> Result<String> {
    let folder = root().join("style");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut sheets: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    sheets.retain(|sheet| {
        sheet
            .extension()
            .is_some_and(|extension| extension == "css")
    });
    sheets.sort_by_key(|sheet| {
        let name = sheet.file_name().unwrap_or_default().to_owned();
        (name != "tokens.css", name != "base.css", name)
    });
    let texts: Vec<String> = sheets
        .iter()
        .map(fs::read_to_string)
        .collect::<Result<_, _>>()?;
    Ok(smaller(&texts.concat()))
}

/// Without comments, indents and empty lines. Brotli finds what else there is to save.
fn smaller(css: &str) -> String {
    let mut text = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::new(), |sheet, line| sheet + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(css: &str, expected: &str) {
        assert_eq!(smaller(css), expected);
    }

    #[test]
    fn comments_and_indents_are_left_out() {
        check(
            "/* a */\nb {\n  c: d; /* e\n f */\n}\n\n",
            "b {\nc: d;\n}\n",
        );
        check("a { b: c }", "a { b: c }\n");
        check("a {} /* never closed", "a {}\n");
    }
}
