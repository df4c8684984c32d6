//! Courses: lessons, steps, checks and progress. It knows what a check asks, not how it is answered.

mod blocks;
mod mistake;
mod model;
mod ours;
mod prose;
mod read;

pub use mistake::Mistake;
pub use model::*;
pub use ours::our_course;
pub use read::read_lesson;
