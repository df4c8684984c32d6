//! What is said of a lesson with a mistake: file, line, column, and what to do.

#![allow(clippy::unwrap_used)]

use course::read_lesson;

const FRONT: &str = "+++\ntitle = \"T\"\nlevel = \"beginner\"\nsummary = \"s\"\n+++\n";

fn check(body: &str, expected: &[&str]) {
    let mistakes = read_lesson("lesson.md", &format!("{FRONT}{body}")).unwrap_err();
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[test]
fn an_unknown_block() {
    check(
        "# One\n\n```runn\ndocker ps\n```\n",
        &[
            "lesson.md:8:1: a block is `run`, `predict`, `check` or `hint`, and this one says `runn`\n  ```runn\n  ^",
        ],
    );
}

#[test]
fn a_check_that_nobody_can_answer() {
    check(
        "# One\n\n```check\nnetwork mynet driver=bridge\nmynet is nice\n```\n",
        &[
            "lesson.md:10:1: a check is `network NAME [driver=D]`, `container NAME runs [on=NETWORK]` or `NAME reaches NAME`\n  mynet is nice\n  ^",
        ],
    );
}

#[test]
fn two_commands_in_one_block() {
    check(
        "# One\n\n```run\ndocker ps\ndocker images\n```\n",
        &[
            "lesson.md:10:1: a `run` block holds one command: give each its own block\n  docker images\n  ^",
        ],
    );
}

#[test]
fn a_prediction_without_a_right_answer() {
    check(
        "# One\n\n```predict\nWhat?\n- [ ] this\n- [ ] that\n```\n",
        &[
            "lesson.md:9:1: a prediction has at least two answers and one right one, and this has 2 and 0\n  What?\n  ^",
        ],
    );
}

#[test]
fn html_and_pictures_are_refused_and_each_is_found() {
    check(
        "# One\n\nA <b>word</b>.\n\n![x](http://example.com/x.png)\n",
        &[
            "lesson.md:8:3: HTML is not read here: write Markdown\n  A <b>word</b>.\n    ^",
            "lesson.md:8:10: HTML is not read here: write Markdown\n  A <b>word</b>.\n           ^",
            "lesson.md:10:1: pictures are not shown in lessons: the topology draws the lab by itself\n  ![x](http://example.com/x.png)\n  ^",
        ],
    );
}

#[test]
fn text_before_the_first_step() {
    check(
        "Hello.\n\n# One\n",
        &[
            "lesson.md:6:1: this stands before the first step: a heading `# …` begins one\n  Hello.\n  ^",
        ],
    );
}

#[test]
fn a_front_matter_with_an_unknown_key() {
    let text = "+++\ntitle = \"T\"\nlevle = \"beginner\"\nsummary = \"s\"\n+++\n# One\n";
    let mistakes = read_lesson("lesson.md", text).unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "lesson.md:3:1: unknown field `levle`, expected one of `title`, `level`, `summary`, `images`\n  levle = \"beginner\"\n  ^"
    );
}

#[test]
fn no_front_matter_at_all() {
    let mistakes = read_lesson("lesson.md", "# One\n").unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "lesson.md:1:1: a lesson begins with a line `+++`, then title, level and summary, then a line `+++`\n  # One\n  ^"
    );
}
