//! What a bench says: the machine, then a table of what was measured beside what was wished for. It measures nothing.

use std::{env, fs, thread};

use anyhow::Context as _;

/// Milliseconds, or whatever else was measured several times.
#[derive(Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn push(&mut self, sample: f64) {
        let place = self.0.partition_point(|there| *there < sample);
        self.0.insert(place, sample);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `percent` of them are not above it.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred samples"
    )]
    pub fn percentile(&self, percent: f64) -> f64 {
        let place = (self.0.len() as f64 * percent / 100.0).ceil() as usize;
        let at = place.clamp(1, self.0.len().max(1)) - 1;
        self.0.get(at).copied().unwrap_or(f64::NAN)
    }

    pub fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    /// `min 1.0, median 2.0, max 3.0 ms`
    pub fn spread(&self, unit: &str) -> String {
        let [min, max] = [0.0, 100.0].map(|percent| self.percentile(percent));
        format!(
            "{min:.1} / {:.1} / {max:.1} {unit} ({} runs)",
            self.median(),
            self.len()
        )
    }

    /// `p50 1.0, p99 2.0 ms`
    pub fn tail(&self, unit: &str) -> String {
        format!(
            "p50 {:.1}, p99 {:.1}, max {:.1} {unit} ({} samples)",
            self.median(),
            self.percentile(99.0),
            self.percentile(100.0),
            self.len()
        )
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        let mut all = Self::default();
        samples.into_iter().for_each(|sample| all.push(sample));
        all
    }
}

/// A goal, and whether it is met.
pub enum Goal {
    AtMost(f64, &'static str),
    AtLeast(f64, &'static str),
    /// Only to be known.
    None,
}

impl Goal {
    fn said(&self, measured: f64) -> [String; 2] {
        let met = |is: bool| if is { "met" } else { "NOT met" }.to_owned();
        match self {
            Self::AtMost(most, unit) => [format!("≤ {most} {unit}"), met(measured <= *most)],
            Self::AtLeast(least, unit) => [format!("≥ {least} {unit}"), met(measured >= *least)],
            Self::None => [String::new(), String::new()],
        }
    }
}

/// Rows of a table, and what is known of the machine.
pub struct Report {
    title: &'static str,
    facts: Vec<String>,
    rows: Vec<[String; 6]>,
}

impl Report {
    pub fn new(title: &'static str) -> Self {
        Self {
            title,
            facts: vec![machine()],
            rows: vec![["what", "measured", "beside", "counts", "goal", ""].map(str::to_owned)],
        }
    }

    pub fn fact(&mut self, fact: impl Into<String>) {
        self.facts.push(fact.into());
    }

    /// `counts` is what the goal is compared with.
    pub fn row(
        &mut self,
        what: &str,
        measured: String,
        beside: String,
        counts: (f64, &str),
        goal: Goal,
    ) {
        let [goal, met] = goal.said(counts.0);
        let counts = format!("{:.2} {}", counts.0, counts.1);
        self.rows
            .push([what.to_owned(), measured, beside, counts, goal, met]);
    }

    pub fn print(&self) {
        println!("\n{}", self.title);
        for fact in self.facts.iter().chain([&load()]) {
            println!("  {fact}");
        }
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths);
            let line: String = cells
                .map(|(cell, width)| format!("{cell:width$}  "))
                .collect();
            println!("  {}", line.trim_end());
        }
    }
}

fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| {
        let (key, model) = line.split_once(':')?;
        (key.trim() == "model name").then(|| model.trim().to_owned())
    });
    format!(
        "{cores} cores, {}",
        model.as_deref().unwrap_or("of an unknown model")
    )
}

/// How many others want the cores: figures of a busy machine are compared within one run only.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!("load average {}", load.join(" "))
}

/// What `cargo xtask bench` hands in.
pub fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: run `cargo xtask bench`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let samples: Samples = (1..=100).rev().map(f64::from).collect();
        let percentiles =
            [0.0, 50.0, 99.0, 100.0].map(|percent| samples.percentile(percent).to_string());
        assert_eq!(percentiles, ["1", "50", "99", "100"]);
        let one: Samples = [7.0].into_iter().collect();
        assert_eq!(one.spread("ms"), "7.0 / 7.0 / 7.0 ms (1 runs)");
        assert!(Samples::default().median().is_nan());
    }

    #[test]
    fn a_goal_says_whether_it_is_met() {
        let check = |goal: Goal, measured, expected: [&str; 2]| {
            assert_eq!(goal.said(measured), expected.map(str::to_owned));
        };
        check(Goal::AtMost(0.15, "×"), 0.15, ["≤ 0.15 ×", "met"]);
        check(Goal::AtMost(0.15, "×"), 0.16, ["≤ 0.15 ×", "NOT met"]);
        check(Goal::AtLeast(0.5, "×"), 0.4, ["≥ 0.5 ×", "NOT met"]);
        check(Goal::AtLeast(0.5, "×"), f64::NAN, ["≥ 0.5 ×", "NOT met"]);
    }
}
