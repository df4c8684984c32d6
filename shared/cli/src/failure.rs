//! Why a command failed: what goes to standard error, and the exit code.

use lab::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Without a line end. Empty: nothing is said.
    pub message: String,
    pub code: u8,
}

impl Failure {
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code,
        }
    }

    /// Ends with a code and no word, as when it is the container's own.
    pub fn silent(code: u8) -> Self {
        Self::new(code, "")
    }

    /// Several things went wrong, each in its own line.
    pub fn all(messages: &[String]) -> Result<(), Self> {
        if messages.is_empty() {
            Ok(())
        } else {
            Err(Self::new(1, messages.join("\n")))
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(1, told(&error))
    }
}

/// An engine's error as docker tells it.
pub fn told(error: &Error) -> String {
    match error {
        // The docker CLI finds this by itself.
        Error::Refused { message, .. } if message.ends_with("name or ID: value is empty") => {
            message.clone()
        }
        Error::Refused { message, .. } => {
            format!("Error response from daemon: {}", message.trim())
        }
        other => format!("causeway: {other}"),
    }
}

/// An engine's error where docker had asked for a connection of its own: of the answer it sees the number only.
pub fn not_upgraded(error: Error) -> Failure {
    match error {
        Error::Refused { status, .. } => {
            Failure::new(1, format!("unable to upgrade to tcp, received {status}"))
        }
        error => Failure::from(error),
    }
}

/// The same from `docker run`: with the command's name, a hint, and the code that says whose fault it was.
pub fn told_by_run(error: &Error) -> Failure {
    let Error::Refused { message, .. } = error else {
        return Failure::from(error.clone());
    };
    let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    let code = if says(&["executable file not found", "no such file or directory"]) {
        127
    } else if says(&["permission denied", "is a directory"]) {
        126
    } else {
        125
    };
    with_help(code, &told(error), "run")
}

/// `docker: …`, and where help is.
pub fn with_help(code: u8, message: &str, command: &str) -> Failure {
    Failure::new(
        code,
        format!("docker: {message}\n\nRun 'docker {command} --help' for more information"),
    )
}
