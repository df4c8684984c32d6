//! Lists (`ps`, `images`, `network ls`): tables, `--format` with plain fields, `-q`.
//!
//! Of Go's templates it knows `{{.Field}}`; of the rest it says so.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{failure::Failure, flags::Given, go};

/// A row's fields by their names in templates.
pub type Row = BTreeMap<&'static str, String>;

pub struct Listing {
    /// Docker's own format for it.
    pub table: &'static str,
    /// Headers that are not simply the field's name in capitals.
    pub headers: &'static [(&'static str, &'static str)],
    /// With `-q`.
    pub quiet: &'static str,
}

impl Listing {
    /// The rows as `--format` and `-q` ask for them.
    pub fn show(&self, rows: &[Row], given: &Given) -> Result<String, Failure> {
        let format = given.text("format");
        let format = match format.as_deref() {
            _ if given.on("quiet") => self.quiet,
            None | Some("table") => self.table,
            Some("json") => return Ok(rows.iter().map(json).collect()),
            Some(format) => format,
        };
        // A shell's single quotes leave these as they are typed.
        let format = format.replace("\\t", "\t").replace("\\n", "\n");
        let Some(columns) = format.strip_prefix("table") else {
            let parts = parts(&format)?;
            return rows
                .iter()
                .map(|row| fill(&parts, row).map(|line| line + "\n"))
                .collect();
        };
        let parts = parts(columns.trim_start())?;
        let cells = |line: String| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let mut table = vec![cells(self.header(&parts))];
        for row in rows {
            table.push(cells(fill(&parts, row)?));
        }
        Ok(go::table(&table, 10))
    }

    fn header(&self, parts: &[Part]) -> String {
        let title = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field) => {
                let named = self.headers.iter().find(|(name, _)| name == field);
                named.map_or_else(|| field.to_uppercase(), |(_, title)| (*title).to_owned())
            }
        };
        parts.iter().map(title).collect()
    }
}

/// Twelve characters of an id, or all.
pub fn id(id: &str, truncated: bool) -> String {
    if !truncated {
        return id.to_owned();
    }
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id).to_owned()
}

/// `a=1,b=2`
pub fn labels(labels: &HashMap<String, String>) -> String {
    let sorted: BTreeMap<&String, &String> = labels.iter().collect();
    sorted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join(",")
}

/// `2013-01-02 13:23:37.5 +0000 UTC`, from what the engine sent.
pub fn time(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => at(time),
        Err(_) => time.to_owned(),
    }
}

/// As Go prints a time.
pub fn at(time: Timestamp) -> String {
    let shown = time.to_string();
    format!(
        "{} +0000 UTC",
        shown.trim_end_matches('Z').replace('T', " ")
    )
}

enum Part {
    Text(String),
    Field(String),
}

fn parts(format: &str) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut rest = format;
    while let Some((text, after)) = rest.split_once("{{") {
        let Some((action, after)) = after.split_once("}}") else {
            return Err(Failure::new(
                1,
                "template parsing error: template: :1: unclosed action",
            ));
        };
        let field = action
            .trim()
            .strip_prefix('.')
            .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric()));
        let Some(field) = field else {
            let why = format!(
                "causeway: --format: {{{{{action}}}}} is not understood here; plain fields are, as in '{{{{.Name}}}}', and json."
            );
            return Err(Failure::new(1, why));
        };
        parts.push(Part::Text(text.to_owned()));
        parts.push(Part::Field(field.to_owned()));
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

fn fill(parts: &[Part], row: &Row) -> Result<String, Failure> {
    let value = |part: &Part| match part {
        Part::Text(text) => Ok(text.clone()),
        Part::Field(field) => row.get(field.as_str()).cloned().ok_or_else(|| {
            let known: Vec<&str> = row.keys().copied().collect();
            let why = format!(
                "causeway: --format: there is no field {field} here; there are {}.",
                known.join(", ")
            );
            Failure::new(1, why)
        }),
    };
    parts.iter().map(value).collect()
}

fn json(row: &Row) -> String {
    let mut text = serde_json::to_string(row).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{self, Flag};

    static LISTING: Listing = Listing {
        table: "table {{.ID}}\t{{.Name}}",
        headers: &[("ID", "NETWORK ID")],
        quiet: "{{.ID}}",
    };
    static FLAGS: &[Flag] = &[
        Flag::one("format", "string", ""),
        Flag::switch("quiet", "").short('q'),
    ];

    fn check(words: &[&str], expected: &str) {
        let rows = [Row::from([
            ("ID", "a0073a6cf382".to_owned()),
            ("Name", "lab".to_owned()),
        ])];
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let given = flags::parse(FLAGS, &words, true).expect("flags are right");
        let shown = LISTING
            .show(&rows, &given)
            .unwrap_or_else(|failure| failure.message);
        assert_eq!(shown, expected, "{words:?}");
    }

    #[test]
    fn formats() {
        check(&[], "NETWORK ID     NAME\na0073a6cf382   lab\n");
        check(&["-q"], "a0073a6cf382\n");
        check(&["--format", "{{.Name}}: {{ .ID }}"], "lab: a0073a6cf382\n");
        check(
            &["--format", "table {{.Name}}\\t{{.ID}}"],
            "NAME      NETWORK ID\nlab       a0073a6cf382\n",
        );
        check(
            &["--format", "json"],
            "{\"ID\":\"a0073a6cf382\",\"Name\":\"lab\"}\n",
        );
        check(
            &["--format", "{{upper .Name}}"],
            "causeway: --format: {{upper .Name}} is not understood here; plain fields are, as in '{{.Name}}', and json.",
        );
        check(
            &["--format", "{{.Foo}}"],
            "causeway: --format: there is no field Foo here; there are ID, Name.",
        );
    }
}
