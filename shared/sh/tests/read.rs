//! Texts and the trees that they are read into, shown in one line each.

use proptest::prelude::*;
use sh::{Command, Direction, Kind, List, Mistake, Part, Use, What, When, Word, read, read_typed};

fn list(list: &List) -> String {
    let mut text = String::new();
    for (index, item) in list.iter().enumerate() {
        text.push_str(match item.when {
            When::Success => " && ",
            When::Failure => " || ",
            When::Always if index == 0 => "",
            When::Always => " ; ",
        });
        text.push_str(if item.pipeline.not.is_some() {
            "! "
        } else {
            ""
        });
        let commands: Vec<String> = item.pipeline.commands.iter().map(command).collect();
        text.push_str(&commands.join(" | "));
        text.push_str(if item.background.is_some() { " &" } else { "" });
    }
    text
}

fn words(words: &[Word]) -> String {
    words.iter().map(word).collect()
}

fn command(command: &Command) -> String {
    let kind = match &command.kind {
        Kind::Simple {
            assignments,
            words: given,
        } => {
            let assignments = assignments.iter();
            let assignments =
                assignments.map(|found| format!("{}={} ", found.name, word(&found.value)));
            assignments.collect::<String>() + &words(given)
        }
        Kind::Subshell(inner) => format!("({})", list(inner)),
        Kind::Group(inner) => format!("{{{}}}", list(inner)),
        Kind::For {
            variable,
            words: over,
            body,
        } => {
            let over = over.as_ref().map_or("@".to_owned(), |over| words(over));
            format!("for {variable} {over} do {}", list(body))
        }
        Kind::While {
            until,
            condition,
            body,
        } => {
            let name = if *until { "until" } else { "while" };
            format!("{name} {} do {}", list(condition), list(body))
        }
        Kind::If {
            branches,
            otherwise,
        } => {
            let branches = branches.iter();
            let branches = branches
                .map(|(condition, body)| format!("if {} then {} ", list(condition), list(body)));
            let otherwise = otherwise
                .as_ref()
                .map(|otherwise| format!("else {}", list(otherwise)));
            branches.collect::<String>() + &otherwise.unwrap_or_default()
        }
        Kind::Case { word: of, arms } => {
            let arms = arms
                .iter()
                .map(|arm| format!(" {}: {}", words(&arm.patterns), list(&arm.body)));
            format!("case {}{}", word(of), arms.collect::<String>())
        }
        Kind::Function { name, body } => format!("{name}() {}", self::command(body)),
    };
    let redirects = command.redirects.iter().map(|redirect| {
        let fd = redirect.fd.map(|fd| fd.to_string()).unwrap_or_default();
        let direction = match redirect.direction {
            Direction::Read => "<",
            Direction::Write => ">",
            Direction::Append => ">>",
            Direction::Both => "<>",
            Direction::WriteAll => "&>",
            Direction::AppendAll => "&>>",
            Direction::Copy => ">&",
            Direction::Text => "<<",
        };
        format!(" {fd}{direction}{}", word(&redirect.target))
    });
    kind + &redirects.collect::<String>()
}

fn word(word: &Word) -> String {
    let parts = word.parts.iter().map(|part| match part {
        Part::Text { text, quoted: true } => format!("'{text}'"),
        Part::Text { text, .. } => text.clone(),
        Part::Output {
            list: inner,
            quoted,
        } => format!("$({}{})", mark(*quoted), list(inner)),
        Part::Sum { text, quoted } => format!("$(({}{}))", mark(*quoted), self::word(text)),
        Part::Variable {
            name,
            usage,
            quoted,
        } => {
            let of = |operator: &str, inner: &Word| format!("{operator}{}", self::word(inner));
            let colon = |empty_too: bool| if empty_too { ":" } else { "" };
            let usage = match usage {
                Use::Value => String::new(),
                Use::Length => "length".to_owned(),
                Use::Default { empty_too, word } => of(&format!("{}-", colon(*empty_too)), word),
                Use::Assign { empty_too, word } => of(&format!("{}=", colon(*empty_too)), word),
                Use::Need { empty_too, word } => of(&format!("{}?", colon(*empty_too)), word),
                Use::Instead { empty_too, word } => of(&format!("{}+", colon(*empty_too)), word),
                Use::WithoutPrefix { longest, pattern } => {
                    of(if *longest { "##" } else { "#" }, pattern)
                }
                Use::WithoutSuffix { longest, pattern } => {
                    of(if *longest { "%%" } else { "%" }, pattern)
                }
            };
            format!("${{{}{name}{usage}}}", mark(*quoted))
        }
    });
    format!("[{}]", parts.collect::<String>())
}

fn mark(quoted: bool) -> &'static str {
    if quoted { "\"" } else { "" }
}

fn check(text: &str, expected: &str) {
    let shown = match read(text) {
        Ok(found) => list(&found),
        Err(Mistake { range, what }) => format!("{range:?} {what:?}"),
    };
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn words_and_quotes() {
    check("docker ps  -a", "[docker][ps][-a]");
    check(
        r#"sh -c 'echo "$HOME"' "a \"b\" \n" c\ d ''"#,
        r#"[sh][-c]['echo "$HOME"']['a "b" \n'][c' 'd]['']"#,
    );
    check("docker run \\\n  -d nginx", "[docker][run][-d][nginx]");
    check("a'b'\"c\"", "[a'bc']");
    check("docker ps # all of them", "[docker][ps]");
    check("a#b", "[a#b]");
    check("", "");
    check("\n\n# nothing\n", "");
    check("echo a$ $", "[echo][a$][$]");
    check("echo \\", "[echo]['\\']");
    check("--format={{.Names}}", "[--format={{.Names}}]");
    check("echo {a", "[echo][{a]");
}

#[test]
fn what_is_looked_up() {
    check("echo $A\"$B\" $?", "[echo][${A}''${\"B}][${?}]");
    check(
        "echo ${A}b ${#A} ${A:-x y} ${A-}",
        "[echo][${A}b][${Alength}][${A:-[x y]}][${A-[]}]",
    );
    check(
        "echo ${A%%.*} ${A#'#'} ${A:=1} ${A:?no} ${A:+yes}",
        "[echo][${A%%[.*]}][${A#['#']}][${A:=[1]}][${A:?[no]}][${A:+[yes]}]",
    );
    check(
        "rm $(ps -q) \"$(a; b)\"",
        "[rm][$([ps][-q])][''$(\"[a] ; [b])]",
    );
    check(
        "rm `ps -q` \"`a \\`b\\``\"",
        "[rm][$([ps][-q])][''$(\"[a][$([b])])]",
    );
    check("echo $((n + (1*2)))", "[echo][$(([n + (1*2)]))]");
    check(
        "A=1 B= C=$A docker ps A=2",
        "A=[1] B=[] C=[${A}] [docker][ps][A=2]",
    );
    check("A=$(ps -q)", "A=[$([ps][-q])] ");
}

#[test]
fn commands_one_after_the_other() {
    check("a; b && c || d\ne;", "[a] ; [b] && [c] || [d] ; [e]");
    check(
        "docker ps | grep web |\n wc -l",
        "[docker][ps] | [grep][web] | [wc][-l]",
    );
    check("! a | b", "! [a] | [b]");
    check("a & b &", "[a] & ; [b] &");
    check("a &&\n\n b", "[a] && [b]");
    check("(a; b) | { c; d; }", "([a] ; [b]) | {[c] ; [d]}");
}

#[test]
fn what_is_made_of_commands() {
    check(
        "for x in a $b; do echo $x; done",
        "for x [a][${b}] do [echo][${x}]",
    );
    check("for x\ndo\n a\ndone > f", "for x @ do [a] >[f]");
    check(
        "while ! a; do b; sleep 1; done; c",
        "while ! [a] do [b] ; [sleep][1] ; [c]",
    );
    check("until a; do b; done", "until [a] do [b]");
    check(
        "if a; then b; elif c; then d; else e; fi",
        "if [a] then [b] if [c] then [d] else [e]",
    );
    check(
        "case $x in a|b) c;; (*) d; esac",
        "case [${x}] [a][b]: [c] [*]: [d]",
    );
    check("f() { a; }", "f() {[a]}");
    check("echo done", "[echo][done]");
}

#[test]
fn redirections() {
    check("a > b 2>&1 >>c <d", "[a] >[b] 2>&[1] >>[c] <[d]");
    check("a &>b 2>/dev/null", "[a] &>[b] 2>[/dev/null]");
    check("> a", " >[a]");
    check("echo 2>a 2 >b", "[echo][2] 2>[a] >[b]");
    check("cat <<E\na $b\nE\nc", "[cat] <<['a '${\"b}'\n'] ; [c]");
    check("cat <<'E' | wc\na $b\nE", "[cat] <<['a $b\n'] | [wc]");
    check("cat <<-E\n\ta\n\tE\n", "[cat] <<['a\n']");
    check("a $(cat <<E\nb\nE\n)", "[a][$([cat] <<['b\n'])]");
    check("cat <<A <<B\na\nA\nb\nB", "[cat] <<['a\n'] <<['b\n']");
    check("cat <<< 'a b'", "[cat] <<['a b''\n']");
}

#[test]
fn mistakes_have_their_place() {
    check("echo \"a", "5..6 Unclosed(\"\\\"\")");
    check("echo 'a", "5..6 Unclosed(\"'\")");
    check("echo $(ps", "5..7 Unclosed(\"$(\")");
    check("echo ${a", "5..7 Unclosed(\"${\")");
    check("echo ${a b}", "5..8 BadSubstitution");
    check("echo `a", "5..6 Unclosed(\"`\")");
    check("a &&", "4..4 Missing { after: Some(\"&&\"), before: \"\" }");
    check(
        "a && ; b",
        "5..6 Missing { after: Some(\"&&\"), before: \";\" }",
    );
    check("| a", "0..1 Missing { after: None, before: \"|\" }");
    check("a | ", "4..4 Missing { after: Some(\"|\"), before: \"\" }");
    check("a ;; b", "2..4 Unexpected(\";;\")");
    check("a )", "2..3 Unexpected(\")\")");
    check(
        "a > ",
        "4..4 Missing { after: Some(\">\"), before: \"\\n\" }",
    );
    check("for x in a; do b", "16..16 Expected(\"done\")");
    check("if a; then fi", "11..13 Unexpected(\"fi\")");
    check("done", "0..4 Unexpected(\"done\")");
    check("a (b)", "2..3 Unexpected(\"(\")");
    check("a\0", "1..2 Nul");
    check(&"a".repeat(1 << 20), "0..0 TooLong");
    check(&"$(".repeat(30_000), "24..25 TooDeep");
    check(&"{ ".repeat(30_000), "48..49 TooDeep");
    check(&"if ".repeat(20_000), "72..73 TooDeep");
    check(&"${a:-".repeat(10_000), "115..117 TooDeep");
}

#[test]
fn characters_of_web_pages_are_mistakes_where_they_are_typed() {
    let typed = |text: &str| {
        read_typed(text)
            .err()
            .map(|wrong| (wrong.range, wrong.what))
    };
    let quote = What::Typographic {
        letter: '“',
        what: "a typographic quote",
        instead: "\"",
    };
    assert_eq!(typed("run “a”"), Some((4..7, quote)));
    let dash = What::Typographic {
        letter: '–',
        what: "a typographic dash",
        instead: "--",
    };
    assert_eq!(typed("run –name"), Some((4..7, dash)));
    assert_eq!(typed("echo '– “b”' \"–\""), None);
    assert_eq!(
        read("run “a”").map(|found| list(&found)).as_deref(),
        Ok("[run][“a”]")
    );
}

fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a ", "docker ", "$(", ")", "`", "\"", "'", "\\", "\n", " | ", "&&", ";", "&", ">",
        "<<E\n", "\nE\n", "${", "}", "{ ", "for ", "in ", "do ", "done ", "if ", "then ", "fi ",
        "case ", "esac", "while ", "$((", "))", "x=", "é", "“", "#", "2", "!",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    prop_oneof![
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()),
        any::<String>()
    ]
}

/// A word in quotes that a shell gives back as it was.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

proptest! {
    #[test]
    fn any_text_is_read_or_has_a_mistake_in_it(text in text()) {
        if let Err(wrong) = read_typed(&text) {
            prop_assert!(text.get(wrong.range.clone()).is_some(), "{:?}", wrong);
        }
    }

    #[test]
    fn what_is_quoted_is_read_as_it_was(words in prop::collection::vec("[^\0]{0,8}", 1..5)) {
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let found = read(&line.join(" ")).expect("quoted");
        let Kind::Simple { words: read, .. } = &found[0].pipeline.commands[0].kind else {
            panic!("a simple command");
        };
        let read: Vec<_> = read.iter().map(|word| word.literal().expect("no variables")).collect();
        prop_assert_eq!(read, words);
    }
}
