//! Who may speak to the session: the token of this run, and the one-use launch codes that are traded for it.
//!
//! It does not know how either travels. Neither is ever printed by `Debug`.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use subtle::ConstantTimeEq as _;
use tokio::{sync::Notify, time::Instant};

/// How long a launch code may wait to be used.
pub const CODE_LIFE: Duration = Duration::from_secs(600);
/// Codes that are remembered; the oldest is forgotten first.
const MOST_CODES: usize = 8;

/// 256 random bits in hexadecimal.
#[derive(Clone)]
pub struct Secret(String);

pub struct Access {
    token: Secret,
    codes: Mutex<Vec<Code>>,
    wanted: Notify,
}

struct Code {
    secret: Secret,
    good_until: Instant,
    used: bool,
}

impl Access {
    /// A new token. Fails where the system has no randomness to give.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self {
            token: Secret::new()?,
            codes: Mutex::default(),
            wanted: Notify::new(),
        })
    }

    /// A new code, good for one trade in the next ten minutes.
    pub fn launch_code(&self) -> Result<Secret, getrandom::Error> {
        let secret = Secret::new()?;
        let mut codes = self.codes();
        if codes.len() == MOST_CODES {
            codes.remove(0);
        }
        codes.push(Code {
            secret: secret.clone(),
            good_until: Instant::now() + CODE_LIFE,
            used: false,
        });
        Ok(secret)
    }

    /// The token for a code that is still good; the code is used up.
    pub fn trade(&self, code: &str) -> Option<&Secret> {
        let mut codes = self.codes();
        let known = codes.iter_mut().find(|known| known.secret.is(code))?;
        // Whoever had one, used or too old, comes from here and wants in.
        self.wanted.notify_one();
        let good = known.is_good();
        known.used = true;
        good.then_some(&self.token)
    }

    pub fn admits(&self, token: Option<&str>) -> bool {
        let admitted = token.is_some_and(|token| self.token.is(token));
        if !admitted {
            self.wanted.notify_one();
        }
        admitted
    }

    /// Is done once somebody needs a code and there is none that is good.
    pub async fn code_wanted(&self) {
        loop {
            self.wanted.notified().await;
            if !self.codes().iter().any(Code::is_good) {
                return;
            }
        }
    }

    fn codes(&self) -> MutexGuard<'_, Vec<Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Code {
    fn is_good(&self) -> bool {
        !self.used && Instant::now() < self.good_until
    }
}

impl Secret {
    fn new() -> Result<Self, getrandom::Error> {
        Ok(Self(random_hex::<32>()?))
    }

    /// For the one place that it has to go to.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes as long for a wrong one as for the right one.
    fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Random bytes in hexadecimal.
pub fn random_hex<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_code_is_good_once() {
        let access = Access::new().unwrap();
        let code = access.launch_code().unwrap();
        assert!(access.trade("").is_none());
        assert!(access.trade(&code.reveal()[1..]).is_none());
        let token = access.trade(code.reveal()).unwrap().reveal();
        assert!(access.admits(Some(token)));
        assert!(access.trade(code.reveal()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_good_for_ten_minutes() {
        let access = Access::new().unwrap();
        let early = access.launch_code().unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        let late = access.launch_code().unwrap();
        tokio::time::advance(CODE_LIFE.checked_sub(Duration::from_secs(1)).unwrap()).await;
        assert!(access.trade(early.reveal()).is_none());
        assert!(access.trade(late.reveal()).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_code_is_wanted_once_the_last_one_is_not_good() {
        async fn wanted(access: &Access) -> bool {
            tokio::time::timeout(Duration::from_secs(1), access.code_wanted())
                .await
                .is_ok()
        }
        let access = Access::new().unwrap();
        let first = access.launch_code().unwrap();
        assert!(!access.admits(None));
        assert!(!wanted(&access).await);
        access.trade(first.reveal()).unwrap();
        assert!(wanted(&access).await);
        access.launch_code().unwrap();
        tokio::time::advance(CODE_LIFE).await;
        assert!(!wanted(&access).await);
        assert!(access.trade("no code of ours").is_none());
        assert!(!wanted(&access).await);
        assert!(access.trade(first.reveal()).is_none());
        assert!(wanted(&access).await);
    }

    #[tokio::test]
    async fn only_the_token_is_admitted() {
        let access = Access::new().unwrap();
        let code = access.launch_code().unwrap();
        for wrong in [None, Some(""), Some("0"), Some(code.reveal())] {
            assert!(!access.admits(wrong), "{wrong:?}");
        }
        assert_eq!(format!("{:?}", access.trade(code.reveal())), "Some(Secret)");
    }
}
