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

#[test]
fn a_block_that_does_not_end() {
    check(
        "# One\n\n```run\ndocker ps\n",
        &[
            "lesson.md:8:1: this block does not end: write ``` on a line of its own below it\n  ```run\n  ^",
        ],
    );
}

#[test]
fn a_command_that_goes_on_nowhere_or_is_not_there() {
    check(
        "# One\n\n```run\ndocker run \\\n  -d \\\n```\n\n```run\n```\n",
        &[
            "lesson.md:10:1: this `\\` says that the command goes on, and the block ends here\n    -d \\\n  ^",
            "lesson.md:14:1: a `run` block holds one command, and this one is empty\n  ```\n  ^",
        ],
    );
}

#[test]
fn options_of_checks() {
    check(
        "# One\n\n```check\nnetwork mynet driver=\ncontainer web runs off=mynet\n```\n\n```check\n```\n",
        &[
            "lesson.md:9:1: after the name there may be `driver=…` and nothing else\n  network mynet driver=\n  ^",
            "lesson.md:10:1: after the name there may be `on=…` and nothing else\n  container web runs off=mynet\n  ^",
            "lesson.md:14:1: a `check` block holds a check on each line, and this one is empty\n  ```\n  ^",
        ],
    );
}

#[test]
fn html_inside_of_blocks_too() {
    check(
        "# One\n\n```predict\nWhat?\n- [x] <b>this</b>\n- [ ] that\n> why\nmore\n```\n\n```hint\nsee ![x](y)\n```\n",
        &[
            "lesson.md:10:7: HTML is not read here: write Markdown\n  - [x] <b>this</b>\n        ^",
            "lesson.md:10:14: HTML is not read here: write Markdown\n  - [x] <b>this</b>\n               ^",
            "lesson.md:13:1: an answer is `- [x] right` or `- [ ] wrong`, and `> why` below it\n  more\n  ^",
            "lesson.md:17:5: pictures are not shown in lessons: the topology draws the lab by itself\n  see ![x](y)\n      ^",
        ],
    );
}

#[test]
fn what_a_page_would_not_show() {
    check(
        "# One\n\n## Two\n\n1. first\n\n> said\n\n---\n\n[a](b)\n",
        &[
            "lesson.md:8:1: a lesson has headings of one level only: `# …` begins a step\n  ## Two\n  ^",
            "lesson.md:10:1: numbered lists are not read here: write `- ` before each item, or make each a step\n  1. first\n  ^",
            "lesson.md:12:1: quotes are not read here: write the words\n  > said\n  ^",
            "lesson.md:14:1: lines across are not drawn: a heading `# …` begins a step\n  ---\n  ^",
            "lesson.md:16:1: links are not read here: write the words\n  [a](b)\n  ^",
        ],
    );
}

#[test]
fn a_lesson_without_a_step() {
    check(
        "",
        &["lesson.md:6:1: there is no step: a heading `# …` begins one\n  \n  ^"],
    );
}

#[test]
fn a_file_name_that_gives_no_id() {
    let mistakes = read_lesson("beginner/03.md", &format!("{FRONT}# One\n")).unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "beginner/03.md:1:1: a lesson's file is called like `03-names-on-a-custom-bridge.md`: digits, then small letters, digits and `-`\n  +++\n  ^"
    );
}
