//! Our own course, from the files in `lessons/`, in the order in which they are taught.

use include_dir::{Dir, include_dir};

use crate::{Course, read_lesson};

static LESSONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/lessons");

/// A lesson with a mistake would be left out; the test below is what keeps that from happening.
pub fn our_course() -> Course {
    let lessons = files().filter_map(|(file, text)| read_lesson(&file, text).ok());
    let mut lessons: Vec<_> = lessons.collect();
    lessons.sort_by_key(|lesson| lesson.level);
    Course { lessons }
}

/// Each file's path and text, by path.
fn files() -> impl Iterator<Item = (String, &'static str)> {
    let mut files: Vec<_> = LESSONS.dirs().flat_map(Dir::files).collect();
    files.sort_by_key(|file| file.path());
    files
        .into_iter()
        .filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_of_ours_is_read_without_a_mistake() {
        for (file, text) in files() {
            if let Err(mistakes) = read_lesson(&file, text) {
                let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                panic!("{}", said.join("\n"));
            }
        }
        assert_eq!(our_course().lessons.len(), files().count());
    }

    #[test]
    fn every_lesson_asks_for_something() {
        for lesson in our_course().lessons {
            assert!(
                lesson.steps.iter().any(|step| !step.checks.is_empty()),
                "{} has no check",
                lesson.id
            );
        }
    }
    #[test]
    fn no_two_lessons_have_the_same_id() {
        let ids: Vec<String> = our_course()
            .lessons
            .into_iter()
            .map(|lesson| lesson.id)
            .collect();
        let different: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
    }
}
