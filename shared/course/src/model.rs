//! What a course is: lessons, their steps, and what each step asks for. Plain data, read from Markdown by [`crate::read`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// An ordered list of lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub lessons: Vec<Lesson>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// From the file's name, and in the URL: `names-on-a-custom-bridge`.
    pub id: String,
    pub title: String,
    pub level: Level,
    /// One line for the course map: `names at 127.0.0.11`.
    pub summary: String,
    /// Images that the lesson runs: `nginx`, `alpine`.
    pub images: Vec<String>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Beginner,
    Intermediate,
    Advanced,
    Project,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub title: Vec<Span>,
    pub blocks: Vec<Block>,
    /// The step's goal.
    pub checks: Vec<Check>,
}

/// A step's content, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Prose {
        paragraphs: Vec<Paragraph>,
    },
    /// A command to run, by click, by key or typed.
    Run {
        command: String,
    },
    Predict(Prediction),
    /// From the mildest to the strongest.
    Hint {
        text: Vec<Paragraph>,
    },
}

/// Text without any HTML: the page makes text nodes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paragraph {
    Text(Vec<Span>),
    Item(Vec<Span>),
    Code(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Plain(String),
    Strong(String),
    Emphasis(String),
    Code(String),
}

/// "What will happen?", asked before the command that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    pub question: String,
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub text: Vec<Span>,
    pub right: bool,
    /// Why, shown once it has been seen what happens.
    pub why: Vec<Span>,
}

/// Something that the engine can answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// `network mynet driver=bridge`
    Network {
        name: String,
        driver: Option<String>,
    },
    /// `container web runs on=mynet`
    Runs {
        container: String,
        network: Option<String>,
    },
    /// `alpine reaches web`: tried in the container, by this name or address.
    Reaches { from: String, to: String },
}

/// What a learner did: facts that only grow, so that two copies merge by union.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub facts: BTreeSet<Fact>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub lesson: String,
    /// Counted from 0.
    pub step: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The learner looked at it: the last one is where to go on.
    Opened,
    /// All its checks held at once.
    Reached,
    /// Only the first one counts.
    Predicted { answer: usize },
}

impl Progress {
    /// Both, less what says nothing more: a step is reached and predicted once, first; a lesson was opened last somewhere.
    /// So it stays small however long somebody learns, and the order of merging does not matter.
    pub fn merge(&mut self, other: Self) {
        self.facts.extend(other.facts);
        let mut last_opened = BTreeMap::new();
        for fact in &self.facts {
            if fact.what == What::Opened {
                last_opened.insert(fact.lesson.clone(), fact.clone());
            }
        }
        let mut known = BTreeSet::new();
        self.facts.retain(|fact| match fact.what {
            What::Opened => last_opened.get(&fact.lesson) == Some(fact),
            What::Reached => known.insert((fact.lesson.clone(), fact.step, true)),
            What::Predicted { .. } => known.insert((fact.lesson.clone(), fact.step, false)),
        });
    }

    pub fn reached(&self, lesson: &str, step: usize) -> bool {
        self.facts
            .iter()
            .any(|fact| fact.lesson == lesson && fact.step == step && fact.what == What::Reached)
    }

    /// The answer that was predicted first.
    pub fn predicted(&self, lesson: &str, step: usize) -> Option<usize> {
        self.facts.iter().find_map(|fact| match fact.what {
            What::Predicted { answer } if fact.lesson == lesson && fact.step == step => {
                Some(answer)
            }
            _ => None,
        })
    }

    /// Where the learner was last: lesson and step.
    pub fn last_opened(&self) -> Option<(&str, usize)> {
        self.facts
            .iter()
            .rev()
            .find(|fact| fact.what == What::Opened)
            .map(|fact| (fact.lesson.as_str(), fact.step))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn progress() -> impl Strategy<Value = Progress> {
        let what = prop_oneof![
            Just(What::Opened),
            Just(What::Reached),
            (0..3usize).prop_map(|answer| What::Predicted { answer }),
        ];
        let fact = (0..20i64, "[ab]", 0..3usize, what);
        let fact = fact.prop_map(|(at, lesson, step, what)| Fact {
            at,
            lesson,
            step,
            what,
        });
        prop::collection::btree_set(fact, 0..30).prop_map(|facts| Progress { facts })
    }

    fn merged(one: &Progress, other: &Progress) -> Progress {
        let mut both = one.clone();
        both.merge(other.clone());
        both
    }

    proptest! {
        #[test]
        fn the_order_of_merging_does_not_matter(one in progress(), two in progress(), three in progress()) {
            prop_assert_eq!(merged(&one, &two), merged(&two, &one));
            prop_assert_eq!(merged(&merged(&one, &two), &three), merged(&one, &merged(&two, &three)));
            let both = merged(&one, &two);
            prop_assert_eq!(&merged(&both, &one), &both);
        }

        #[test]
        fn what_merging_leaves_out_says_nothing_more(one in progress(), two in progress()) {
            let all = Progress { facts: one.facts.union(&two.facts).cloned().collect() };
            let both = merged(&one, &two);
            prop_assert_eq!(both.last_opened(), all.last_opened());
            for (lesson, step) in ["a", "b"].into_iter().flat_map(|lesson| (0..3).map(move |step| (lesson, step))) {
                prop_assert_eq!(both.reached(lesson, step), all.reached(lesson, step));
                prop_assert_eq!(both.predicted(lesson, step), all.predicted(lesson, step));
            }
            prop_assert!(both.facts.len() <= 2 * (1 + 3 + 3));
        }
    }
}
