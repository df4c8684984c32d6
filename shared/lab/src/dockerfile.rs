//! A Dockerfile's instructions, read as Docker's classic builder reads them; what is wrong is said in its words.
//!
//! It runs nothing and knows no image.

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// In capitals: `COPY`.
    pub name: String,
    /// `--from=build`, before everything else.
    pub flags: Vec<String>,
    /// After the flags.
    pub rest: String,
    /// As it was written, its lines joined.
    pub original: String,
    pub line: usize,
}

const NAMES: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Reads a Dockerfile of this name.
pub fn parse(text: &str, name: &str) -> Result<Vec<Instruction>, String> {
    let instructions = instructions(text);
    if instructions.is_empty() {
        return Err(match text.trim() {
            "" => format!("the Dockerfile ({name}) cannot be empty"),
            _ => "file with no instructions".to_owned(),
        });
    }
    for instruction in &instructions {
        if matches!(instruction.name.as_str(), "ENV" | "LABEL") {
            pairs(&instruction.rest, &instruction.name)
                .map_err(|why| format!("failed to parse {name}: {why}"))?;
        }
    }
    let mut staged = false;
    for instruction in &instructions {
        let wrong =
            |why: String| format!("dockerfile parse error on line {}: {why}", instruction.line);
        check(instruction).map_err(wrong)?;
        staged |= instruction.name == "FROM";
        if !staged && instruction.name != "ARG" {
            return Err("no build stage in current context".to_owned());
        }
    }
    Ok(instructions)
}

impl Instruction {
    /// The words of a JSON array, or `None` where it is a shell's line.
    pub fn json(&self) -> Option<Vec<String>> {
        serde_json::from_str(self.rest.trim()).ok()
    }

    /// As words: of a JSON array, or of a line.
    pub fn words(&self) -> Vec<String> {
        self.json().unwrap_or_else(|| {
            let words = self.rest.split_whitespace();
            words.map(str::to_owned).collect()
        })
    }

    pub fn flag(&self, name: &str) -> Option<&str> {
        let flags = self.flags.iter().rev();
        flags
            .filter_map(|flag| flag.strip_prefix("--")?.split_once('='))
            .find(|(flag, _)| *flag == name)
            .map(|(_, value)| value)
    }
}

/// All that look like instructions, whatever they say.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut instructions = Vec::new();
    let mut current: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let (number, before) = current.take().unwrap_or((index + 1, String::new()));
        let kept = if before.is_empty() {
            line.trim_start()
        } else {
            line
        };
        let trimmed = kept.trim_end();
        if let Some(continued) = trimmed.strip_suffix('\\') {
            current = Some((number, before + continued));
        } else {
            instructions.push(instruction(number, &(before + trimmed)));
        }
    }
    if let Some((number, text)) = current {
        instructions.push(instruction(number, &text));
    }
    instructions
}

fn instruction(line: usize, text: &str) -> Instruction {
    let original = text.trim().to_owned();
    let (name, mut rest) = original
        .split_once(char::is_whitespace)
        .unwrap_or((&original, ""));
    let name = name.to_uppercase();
    let mut flags = Vec::new();
    let has_flags = matches!(
        name.as_str(),
        "ADD" | "COPY" | "FROM" | "HEALTHCHECK" | "RUN"
    );
    rest = rest.trim();
    while has_flags && rest.starts_with("--") {
        let (flag, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        flags.push(flag.to_owned());
        rest = after.trim_start();
    }
    Instruction {
        name,
        flags,
        rest: rest.to_owned(),
        line,
        original: original.clone(),
    }
}

/// `a=b c="d e"`, or `a b c` as one.
pub fn pairs(rest: &str, name: &str) -> Result<Vec<(String, String)>, String> {
    let words = quoted_words(rest);
    let Some(first) = words.first() else {
        return Ok(Vec::new());
    };
    if !first.contains('=') {
        return match rest.trim().split_once(char::is_whitespace) {
            Some((key, value)) => Ok(vec![(key.to_owned(), value.trim().to_owned())]),
            None => Err(format!("{name} must have two arguments")),
        };
    }
    let pair = |word: &String| match word.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(format!(
            "Syntax error - can't find = in \"{word}\". Must be of the form: name=value"
        )),
    };
    words.iter().map(pair).collect()
}

/// Split at spaces outside quotes; the quotes stay.
fn quoted_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut escaped) = (String::new(), None, false);
    for letter in text.chars() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, letter) if letter.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(letter);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn check(instruction: &Instruction) -> Result<(), String> {
    let name = instruction.name.as_str();
    let words = instruction.words();
    let exactly_one = format!("{name} requires exactly one argument");
    let at_least_one = format!("{name} requires at least one argument");
    let wrong = match name {
        "FROM" if words.len() != 1 && !is_named_stage(&words) => {
            "FROM requires either one or three arguments".to_owned()
        }
        "FROM" if words.len() == 3 && !is_stage_name(&words[2]) => format!(
            "invalid name for build stage: {:?}, name can't start with a number or contain symbols",
            words[2]
        ),
        "ADD" | "COPY" if words.len() < 2 => format!(
            "{name} requires at least two arguments, but only one was provided. Destination could not be determined"
        ),
        "WORKDIR" | "USER" | "STOPSIGNAL" | "MAINTAINER" if words.is_empty() => exactly_one,
        "ARG" | "ENV" | "EXPOSE" | "HEALTHCHECK" | "LABEL" | "ONBUILD" | "SHELL" | "VOLUME"
            if words.is_empty() =>
        {
            at_least_one
        }
        "SHELL" if instruction.json().is_none() => {
            "SHELL requires the arguments to be in JSON form".to_owned()
        }
        _ if NAMES.contains(&name) => return Ok(()),
        _ => unknown(name),
    };
    Err(wrong)
}

fn is_named_stage(words: &[String]) -> bool {
    words.len() == 3 && words[1].eq_ignore_ascii_case("as")
}

fn is_stage_name(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it))
}

fn unknown(name: &str) -> String {
    let near = NAMES.map(|known| (distance(name, known), known));
    match near.iter().min_by_key(|(distance, _)| *distance) {
        Some((..=2, known)) => format!("unknown instruction: {name} (did you mean {known}?)"),
        _ => format!("unknown instruction: {name}"),
    }
}

/// Levenshtein's.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, expected) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *expected);
            corner = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let read = parse(text, "D").map_or_else(
            |why| why,
            |instructions| {
                let shown = instructions
                    .iter()
                    .map(|it| format!("{} {:?} {}", it.name, it.flags, it.rest));
                shown.collect::<Vec<_>>().join("; ")
            },
        );
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn as_docker_reads_it() {
        check(
            "# a\nfrom busybox\nrun echo \\\n  a \\\n# b\n  c",
            "FROM [] busybox; RUN [] echo   a   c",
        );
        check(
            "FROM a AS b\nCOPY --from=b --chown=1 x y",
            "FROM [] a AS b; COPY [\"--from=b\", \"--chown=1\"] x y",
        );
    }

    #[test]
    fn what_is_wrong_is_said_as_docker_says_it() {
        check("", "the Dockerfile (D) cannot be empty");
        check("# nothing", "file with no instructions");
        check(
            "FROM",
            "dockerfile parse error on line 1: FROM requires either one or three arguments",
        );
        check(
            "FROM a b",
            "dockerfile parse error on line 1: FROM requires either one or three arguments",
        );
        check(
            "FORM a",
            "dockerfile parse error on line 1: unknown instruction: FORM (did you mean FROM?)",
        );
        check(
            "FROM a\n\nXXXXXX y",
            "dockerfile parse error on line 3: unknown instruction: XXXXXX",
        );
        check("RUN x", "no build stage in current context");
        check(
            "FROM a\nENV b",
            "failed to parse D: ENV must have two arguments",
        );
        check(
            "FROM a\nENV b=c d",
            "failed to parse D: Syntax error - can't find = in \"d\". Must be of the form: name=value",
        );
        check(
            "FROM a\nCOPY b",
            "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
        );
        check(
            "FROM a\nUSER",
            "dockerfile parse error on line 2: USER requires exactly one argument",
        );
        check(
            "FROM a\nSHELL sh",
            "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form",
        );
        check(
            "FROM a as 1x",
            "dockerfile parse error on line 1: invalid name for build stage: \"1x\", name can't start with a number or contain symbols",
        );
    }
}
