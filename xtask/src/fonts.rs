//! The page's two typefaces, cut down to the characters that it needs. Font files are never part of the checkout:
//! they come as crates, Inter (weight and slant as axes) and the mono of `JetBrains`, both under the SIL Open Font License.
//! What is cut away with the rest is the mono's ligatures, so that a terminal shows `--` and `->` as they were typed.

use std::{collections::BTreeSet, ops::RangeInclusive};

use anyhow::{Context, Result, ensure};
use font_subset::Font;

use crate::site::Folder;

/// All of them together, as sent.
const LIMIT: usize = 120_000;

/// A typeface: its CSS name, its crate (which has its licence) and its font.
struct Face {
    family: &'static str,
    package: &'static str,
    licence: &'static str,
    name: &'static str,
    bytes: &'static [u8],
    /// What `@font-face` says beside family and source.
    axes: &'static str,
    characters: &'static [RangeInclusive<char>],
    /// The same space taken by a font that the machine has, until ours is there: nothing jumps.
    fallback: &'static str,
}

const FACES: [Face; 2] = [
    Face {
        family: "Inter",
        package: "ttf-inter",
        licence: "LICENSE.txt",
        name: "inter",
        bytes: ttf_inter::REGULAR,
        axes: "font-weight:100 900;font-style:oblique 0deg 10deg;",
        characters: &[],
        fallback: "src:local('Arial'),local('Liberation Sans'),local('Helvetica');\
            size-adjust:107.4%;ascent-override:90.2%;descent-override:22.5%;line-gap-override:0%;",
    },
    Face {
        family: "JetBrains Mono",
        package: "truce-font",
        licence: "fonts/OFL.txt",
        name: "jetbrains-mono",
        bytes: truce_font::JETBRAINS_MONO,
        axes: "font-weight:400;",
        // Programs draw with boxes and blocks.
        characters: &['\u{2500}'..='\u{259f}'],
        fallback: "src:local('Menlo'),local('DejaVu Sans Mono'),local('Liberation Mono'),local('Courier New');\
            size-adjust:99.7%;ascent-override:102.3%;descent-override:30.1%;line-gap-override:0%;",
    },
];

/// Latin, and the signs that prose and terminal use.
const TEXT: [RangeInclusive<char>; 2] = [' '..='~', '\u{a0}'..='\u{ff}'];
const SIGNS: &str = "ŒœŠšŽžŁłıŸ“”„‘’‚‹›–—…•†→←↑↓↔↵⏎✓✗✕×·−≈≠≤≥■□▶◀▲▼●○◆€™";

/// Writes the fonts into the page's folder; gives the style sheet that names them.
pub fn write(site: &Folder) -> Result<String> {
    let mut sheet = String::new();
    let mut total = 0;
    for face in &FACES {
        let font = face.subset()?;
        total += font.len();
        println!("    {}: {:.1} KB", face.family, kilobytes(font.len()));
        let path = site.add_hashed(&format!("fonts/{}.woff2", face.name), &font)?;
        sheet.push_str(&face.rule(&path));
        site.add(&format!("fonts/{}-OFL.txt", face.name), &face.licence()?)?;
    }
    ensure!(
        total <= LIMIT,
        "the fonts are {total} bytes, more than {LIMIT}: leave out characters in xtask/src/fonts.rs"
    );
    Ok(sheet)
}

impl Face {
    fn subset(&self) -> Result<Vec<u8>> {
        let font =
            Font::opentype(self.bytes).with_context(|| format!("{} is not a font", self.family))?;
        let ranges = TEXT.iter().chain(self.characters).cloned();
        let wanted = ranges.flatten().chain(SIGNS.chars());
        // A character that the font does not have is drawn by the browser's own.
        let wanted: BTreeSet<char> = wanted
            .filter(|character| font.contains_char(*character))
            .collect();
        let subset = font
            .subset(&wanted)
            .with_context(|| self.family.to_owned())?;
        Ok(subset.to_woff2())
    }

    fn rule(&self, path: &str) -> String {
        let Self {
            family,
            axes,
            fallback,
            ..
        } = self;
        format!(
            "@font-face{{font-family:'{family}';{axes}font-display:swap;src:url('{path}') format('woff2');}}\n\
             @font-face{{font-family:'{family} fallback';{fallback}}}\n"
        )
    }

    /// The font's licence goes wherever the font goes.
    fn licence(&self) -> Result<Vec<u8>> {
        let file = crate::licences::folder_of(self.package)?.join(self.licence);
        std::fs::read(&file).with_context(|| file.display().to_string())
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_face_has_what_a_terminal_and_a_lesson_need() {
        for face in &FACES {
            let cut = face.subset().unwrap();
            assert_eq!(&cut[..4], b"wOF2", "{}", face.family);
            let font = Font::opentype(face.bytes).unwrap();
            for needed in "aZ09~é“”‘’–—…→←↑↓✓×·".chars() {
                assert!(
                    font.contains_char(needed),
                    "{} has no {needed}",
                    face.family
                );
            }
        }
    }

    #[test]
    fn a_rule_names_the_font_and_its_stand_in() {
        let rule = FACES[1].rule("fonts/x.woff2");
        let first = "@font-face{font-family:'JetBrains Mono';font-weight:400;font-display:swap;\
            src:url('fonts/x.woff2') format('woff2');}";
        assert_eq!(rule.lines().next(), Some(first));
        assert!(
            rule.contains("font-family:'JetBrains Mono fallback';src:local('Menlo')"),
            "{rule}"
        );
    }
}
