//! What differs from one run to the next, replaced: ids and addresses of devices are numbered in the order in which they
//! first come, times become `<time>`, durations `<age>`, …  What is the same stays, byte for byte.

use std::{collections::BTreeMap, sync::LazyLock};

use regex_lite::{Captures, Regex};

use super::Said;

/// Keeps the numbers that were given out, through one transcript.
#[derive(Default)]
pub struct Normal {
    numbers: BTreeMap<(&'static str, String), usize>,
    given: BTreeMap<&'static str, usize>,
}

struct Rule {
    /// Its first group is what is replaced (the whole where there is none).
    pattern: Regex,
    with: With,
}

enum With {
    /// `<id 3>`: the same for the same text.
    Numbered(&'static str),
    /// `<time>`
    Named(&'static str),
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    use With::{Named, Numbered};
    let rule = |pattern: &str, with| Rule {
        pattern: Regex::new(pattern).expect("a pattern"),
        with,
    };
    vec![
        rule(r"SWMTKN-1-[0-9a-z]+-[0-9a-z]+", Numbered("token")),
        rule(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", Numbered("mac")),
        rule(
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: [A-Z]+)?)",
            Named("time"),
        ),
        rule(r"\b\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\b", Named("time")),
        rule(
            r"\b\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}",
            Named("time"),
        ),
        rule(
            r"\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{3})?\b",
            Named("time"),
        ),
        rule(r"\b[0-9a-f]{64}\b", Numbered("id")),
        rule(r"\b[0-9a-f]{12}\b", Numbered("id")),
        // Swarm's: nodes, services, tasks.
        rule(r"\b[0-9a-z]{25}\b", Numbered("id")),
        rule(r"= (\d+\.\d+/\d+\.\d+/\d+\.\d+) ms", Named("ms")),
        rule(r"  (\d+\.\d{3}) ms", Named("ms")),
        rule(r"\btime=(\d+\.\d+)", Named("ms")),
        rule(
            r"(?:Less than a second|About an? (?:minute|hour)|\d+ (?:second|minute|hour|day|week|month|year)s?)",
            Named("age"),
        ),
        rule(
            r"(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]):(3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})\b",
            Named("port"),
        ),
        rule(
            r#""(3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})""#,
            Named("port"),
        ),
        rule(r#""Pid": (\d\d+)"#, Named("pid")),
        rule(r#""SandboxKey": ?"([^"]+)/netns/"#, Named("run")),
        rule(r"\[(?:notice|error|warn)\] (\d+#\d+):", Named("pid")),
        // The kernel counts its interfaces.
        rule(r"\b(\d{3,}): eth\d", Named("number")),
        // The engine tries both in an order of its own.
        rule(r"Bind for (0\.0\.0\.0|::):\d", Named("any")),
        // Whom the machine asks for names.
        rule(r"host\(([0-9a-f.:]+)\)", Named("server")),
        rule(r"\bveth[0-9a-f]{7}\b", Named("veth")),
    ]
});

/// Of these the width of a column depends.
const OF_ANY_WIDTH: [&str; 3] = ["<age>", "<port>", "<time>"];

impl Normal {
    pub fn said(&mut self, said: Said) -> Said {
        Said {
            out: self.text(&said.out),
            err: self.text(&said.err),
            code: said.code,
        }
    }

    pub fn text(&mut self, text: &str) -> String {
        let mut normal = text.to_owned();
        for rule in RULES.iter() {
            let replaced = rule.pattern.replace_all(&normal, |found: &Captures| {
                let whole = found.get(0).expect("what was found");
                let part = found.get(1).unwrap_or(whole);
                let name = self.name(&rule.with, part.as_str());
                let (start, end) = (part.start() - whole.start(), part.end() - whole.start());
                let whole = whole.as_str();
                format!("{}{name}{}", &whole[..start], &whole[end..])
            });
            normal = replaced.into_owned();
        }
        if OF_ANY_WIDTH.iter().any(|width| normal.contains(width)) {
            return columns_apart(&normal);
        }
        normal
    }

    fn name(&mut self, with: &With, text: &str) -> String {
        match *with {
            With::Named(name) => format!("<{name}>"),
            With::Numbered(kind) => {
                // A short id is the beginning of a long one.
                let short = if kind == "id" { 12 } else { text.len() };
                let key = text.get(..short).unwrap_or(text).to_owned();
                let given = self.given.entry(kind).or_default();
                let number = self.numbers.entry((kind, key)).or_insert_with(|| {
                    *given += 1;
                    *given
                });
                format!("<{kind} {number}>")
            }
        }
    }
}

/// Columns are two spaces apart, however wide they were.
fn columns_apart(text: &str) -> String {
    static GAP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\S) {2,}").expect("a pattern"));
    GAP.replace_all(text, "$1  ").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Normal::default().text(text), expected);
    }

    #[test]
    fn ids_are_numbered_as_they_come() {
        let long = format!("27506117216b{}", "0".repeat(52));
        check(
            &format!("{long} aaaabbbbcccc {} facade", &long[..12]),
            "<id 1> <id 2> <id 1> facade",
        );
        check("sha256:5bd31df04bf0", "sha256:<id 1>");
        check("xqbjwlurbsju4p1ahmvodxpba *", "<id 1> *");
    }

    #[test]
    fn times_have_no_place_in_a_transcript() {
        check("2026-11-24T12:02:43.307625323Z x", "<time> x");
        check("2026-11-24 12:02:43 +0000 UTC", "<time>");
        check(
            "Up 3 seconds (Paused)   80/tcp",
            "Up <age> (Paused)  80/tcp",
        );
        check("Exited (1) Less than a second ago", "Exited (1) <age> ago");
        check(
            "64 bytes: seq=0 ttl=64 time=0.061 ms",
            "64 bytes: seq=0 ttl=64 time=<ms> ms",
        );
    }

    #[test]
    fn what_stays_the_same_stays() {
        let table = "NETWORK   NAME     DRIVER\nx         bridge   bridge\n";
        check(table, table);
        check(
            "172.17.0.2 0.0.0.0:8080->80/tcp",
            "172.17.0.2 0.0.0.0:8080->80/tcp",
        );
        check("0.0.0.0:32768->80/tcp", "0.0.0.0:<port>->80/tcp");
    }
}
