//! Whatever is typed: explaining a line and looking for mistakes in it never fail, and their places are real.

use cli::{explain, mistake};
use proptest::prelude::*;

/// Pieces of lines, so that chance comes upon what matters.
fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("docker "),
        Just("run "),
        Just("network "),
        Just("create "),
        Just("ps "),
        Just("-it "),
        Just("-p"),
        Just("--name="),
        Just("--"),
        Just("80:80 "),
        Just("'"),
        Just("\""),
        Just("\\"),
        Just("\n"),
        Just("$("),
        Just(")"),
        Just("$?"),
        Just(" | "),
        Just("grep "),
        Just("&&"),
        Just(";"),
        Just("–"),
        Just("“"),
        Just("é"),
        Just("\u{a0}"),
        Just("#"),
        Just("curl "),
        Just("for x in "),
        Just("; do "),
        Just("; done"),
        Just("> f "),
        Just("<<E\n"),
        Just("`"),
        Just("A="),
        Just("$A"),
        Just("${A:-"),
        Just("}"),
        Just("{ "),
        Just("&"),
        Just("="),
    ];
    prop_oneof![
        prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat()),
        any::<String>()
    ]
}

proptest! {
    #[test]
    fn is_explained(line in line()) {
        let mut end = 0;
        for word in explain(&line) {
            prop_assert!(word.range.start >= end, "{:?} overlaps what is before it", word);
            prop_assert!(line.get(word.range.clone()).is_some_and(|text| !text.is_empty()));
            end = word.range.end;
        }
    }

    #[test]
    fn has_a_mistake_or_none(line in line()) {
        if let Some(mistake) = mistake(&line) {
            prop_assert!(line.get(mistake.range.clone()).is_some());
            prop_assert!(!mistake.text.is_empty());
        }
    }
}
