//! Courses: lessons, steps, checks and progress. It knows what a check asks, not how it is answered.

mod model;

pub use model::*;
