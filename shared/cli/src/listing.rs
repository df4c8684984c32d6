//! Lists (`ps`, `images`, `network ls`): tables, `--format`, `-q`.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::{
    failure::Failure,
    flags::Given,
    go,
    template::{Field, HEADER, Options, Struct, Template, Value},
};

/// A row's fields by their names in templates.
#[derive(Clone, Debug, Default)]
pub struct Row {
    fields: BTreeMap<&'static str, String>,
    /// What `{{.Label "key"}}` looks in.
    labels: Option<BTreeMap<String, String>>,
    /// A field of which there is nothing.
    nothing: Option<(&'static str, &'static str)>,
    /// A field that says yes or no.
    switch: Option<(&'static str, bool)>,
}

impl<const N: usize> From<[(&'static str, String); N]> for Row {
    fn from(fields: [(&'static str, String); N]) -> Self {
        Self {
            fields: fields.into(),
            ..Self::default()
        }
    }
}

impl Row {
    /// With a field for all labels, and one for each of them.
    pub fn with_labels(mut self, labels: HashMap<String, String>) -> Self {
        self.fields.insert("Labels", self::labels(&labels));
        self.labels = Some(labels.into_iter().collect());
        self
    }

    /// With a field that says nothing, of this type.
    pub fn with_nothing(mut self, name: &'static str, kind: &'static str) -> Self {
        self.nothing = Some((name, kind));
        self
    }

    /// With a field that says yes or no.
    pub fn with_switch(mut self, name: &'static str, on: bool) -> Self {
        self.switch = Some((name, on));
        self
    }

    fn value(&self, context: &'static str) -> Value {
        let named = |(name, text): (&&'static str, &String)| Field {
            name: (*name).into(),
            embedded: false,
            value: Value::text(text.as_str()),
        };
        let mut fields: Vec<Field> = self.fields.iter().map(named).collect();
        if let Some((name, kind)) = self.nothing {
            let place = fields.partition_point(|field| &*field.name < name);
            let nothing = Field {
                name: name.into(),
                embedded: false,
                value: Value::Nil(kind.into()),
            };
            fields.insert(place, nothing);
        }
        if let Some((name, on)) = self.switch {
            let place = fields.partition_point(|field| &*field.name < name);
            let switch = Field {
                name: name.into(),
                embedded: false,
                value: Value::Bool(on),
            };
            fields.insert(place, switch);
        }
        fields.extend(self.labels.clone().map(|labels| Field {
            name: "Label".into(),
            embedded: false,
            value: Value::Label(labels.into()),
        }));
        Value::Pointer(
            Struct {
                name: context.into(),
                fields,
                json: None,
                escaped: true,
            }
            .into(),
        )
    }
}

pub struct Listing {
    /// Docker's own format for it.
    pub table: &'static str,
    /// Each field's header.
    pub headers: &'static [(&'static str, &'static str)],
    /// With `-q`.
    pub quiet: &'static str,
    /// What a row is to Go, as messages name it: `formatter.ContainerContext`.
    pub context: &'static str,
    /// With `--format raw`.
    pub raw: &'static str,
}

impl Listing {
    /// The rows as `--format` and `-q` ask for them.
    pub fn show(&self, rows: &[Row], given: &Given) -> Result<String, Failure> {
        let format = given.text("format");
        let format = match format.as_deref() {
            Some("raw") if given.on("quiet") && !self.raw.is_empty() => {
                self.raw.split(['\\', '\n']).next().unwrap_or_default()
            }
            Some("raw") if !self.raw.is_empty() => self.raw,
            _ if given.on("quiet") => self.quiet,
            None | Some("table") => self.table,
            Some(format) => format,
        };
        self.formatted(format, rows)
    }

    /// The rows in a format of docker's: a template, `table` and a template, or `json`.
    pub fn formatted(&self, format: &str, rows: &[Row]) -> Result<String, Failure> {
        let broken = |why: String| Failure::new(1, format!("template parsing error: {why}"));
        let columns = format.strip_prefix("table");
        let text = match format {
            "json" => "{{json .}}",
            format => columns.unwrap_or(format),
        };
        // A shell's single quotes leave these as they are typed.
        let text = text
            .trim_matches(' ')
            .replace("\\t", "\t")
            .replace("\\n", "\n");
        let template = Template::parse(&text).map_err(broken)?;
        let mut shown = String::new();
        for row in rows {
            let row = row.value(self.context);
            let row = template.execute(&row, Options::default());
            shown += &row.map_err(|row| broken(row.why))?;
            shown.push('\n');
        }
        if columns.is_none() {
            return Ok(shown);
        }
        let header = template.execute(&self.header(), Options::HEADER);
        let header = header.unwrap_or_else(|broken| broken.written);
        Ok(go::tabwriter(&format!("{header}\n{shown}"), 10, 3))
    }

    /// What docker does first for `ps`: whether the format works at all, on a row of which nothing is known.
    pub fn try_format(&self, format: &str) -> Result<(), Failure> {
        let wrong =
            |what: &str, why: String| Failure::new(1, format!("failed to {what} template: {why}"));
        let template = Template::parse(format).map_err(|why| wrong("parse", why))?;
        let fields = self.headers.iter().map(|(name, _)| (*name, String::new()));
        let row = Row {
            fields: fields.collect(),
            labels: Some(BTreeMap::new()),
            nothing: None,
            switch: None,
        };
        let done = template.execute(&row.value(self.context), Options::default());
        done.map_err(|broken| wrong("execute", broken.why))?;
        Ok(())
    }

    fn header(&self) -> Value {
        let titles = self.headers.iter();
        let titles = titles.map(|(name, title)| ((*name).to_owned(), Value::text(*title)));
        Value::Map(HEADER.into(), std::sync::Arc::new(titles.collect()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{self, Flag};

    static LISTING: Listing = Listing {
        table: "table {{.ID}}\t{{.Name}}",
        headers: &[("ID", "NETWORK ID"), ("Name", "NAME"), ("Labels", "LABELS")],
        quiet: "{{.ID}}",
        context: "network.networkContext",
        raw: "network_id: {{.ID}}\\nname: {{.Name}}\\n",
    };
    static FLAGS: &[Flag] = &[
        Flag::one("format", "string", ""),
        Flag::switch("quiet", "").short('q'),
    ];

    fn check(words: &[&str], expected: &str) {
        let row = Row::from([
            ("ID", "a0073a6cf382".to_owned()),
            ("Name", "lab".to_owned()),
        ]);
        let row = row.with_labels([("my.tier".to_owned(), "<a>".to_owned())].into());
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let given = flags::parse(FLAGS, &words, true).expect("flags are right");
        let shown = LISTING
            .show(&[row], &given)
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
            "{\"ID\":\"a0073a6cf382\",\"Labels\":\"my.tier=\\u003ca\\u003e\",\"Name\":\"lab\"}\n",
        );
        check(
            &["--format", "table {{upper .Name}} {{.Label \"my.tier\"}}"],
            "NAME tier\nLAB <a>\n",
        );
        check(
            &["--format", "raw"],
            "network_id: a0073a6cf382\nname: lab\n\n",
        );
        check(
            &["--format", "{{.Foo}}"],
            "template parsing error: template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in type *network.networkContext",
        );
        check(
            &["--format", "{{.ID"],
            "template parsing error: template: :1: unclosed action",
        );
    }
}
