//! `>`, `<`, `2>&1` and here-documents.

use sh::{Direction, Redirect};

use super::{Expanded, Flow, Shell, expand::Split};
use crate::{fs::FileError, process::Descriptor};

impl Shell {
    /// Changes where the shell's own descriptors lead; who asked puts them back.
    pub(super) async fn redirect(&mut self, redirects: &[Redirect]) -> Expanded<()> {
        for redirect in redirects {
            self.redirect_one(redirect).await?;
        }
        Ok(())
    }

    async fn redirect_one(&mut self, redirect: &Redirect) -> Expanded<()> {
        let target = self.expand_one(&redirect.target, "", Split::No).await?;
        let reads = matches!(
            redirect.direction,
            Direction::Read | Direction::Text | Direction::Both
        );
        let number = redirect.fd.unwrap_or(u32::from(!reads));
        let opened = match redirect.direction {
            Direction::Text => Ok(Descriptor::of_bytes(target.clone())),
            Direction::Read | Direction::Both => self.process.open_to_read(&target),
            Direction::Write | Direction::WriteAll => self.process.open_to_write(&target, false),
            Direction::Append | Direction::AppendAll => self.process.open_to_write(&target, true),
            Direction::Copy => return self.copy(number, &target),
        };
        match opened {
            Ok(descriptor) => {
                if matches!(
                    redirect.direction,
                    Direction::WriteAll | Direction::AppendAll
                ) {
                    self.process.descriptors.insert(2, descriptor.clone());
                }
                self.process.descriptors.insert(number, descriptor);
                Ok(())
            }
            Err(error) => {
                let (what, why) = if reads {
                    (
                        "open",
                        if error == FileError::Missing {
                            "no such file".to_owned()
                        } else {
                            error.to_string()
                        },
                    )
                } else {
                    let nowhere = error == FileError::Missing;
                    (
                        "create",
                        if nowhere {
                            "nonexistent directory".to_owned()
                        } else {
                            error.to_string()
                        },
                    )
                };
                self.complain(&format!("can't {what} {target}: {why}"));
                self.status = 1;
                Err(Flow::On)
            }
        }
    }

    fn copy(&mut self, number: u32, target: &str) -> Expanded<()> {
        if target == "-" {
            self.process.descriptors.remove(&number);
            return Ok(());
        }
        let from = target.parse::<u32>().ok();
        match from
            .and_then(|from| self.process.descriptors.get(&from))
            .cloned()
        {
            Some(descriptor) => {
                self.process.descriptors.insert(number, descriptor);
                Ok(())
            }
            None if from.is_some() => {
                self.complain(&format!("dup2({target},{number}): Bad file descriptor"));
                self.status = 1;
                Err(Flow::On)
            }
            None => Err(self.fatal("syntax error: bad fd number")),
        }
    }
}
