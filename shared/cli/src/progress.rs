//! Fetching an image, and how what an engine tells of long work (its "JSON messages") is shown.

use std::collections::HashMap;

use futures::StreamExt;
use lab::{ImageName, image_name::Version, models::CreateImageInfo, options::CreateImageOptions};

use crate::{
    Context, console::Console, make::NotMade, streams::unless_interrupted, units::human_size,
};

/// Where progress goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Stdout,
    Stderr,
    Hidden,
}

/// Asks the engine to get an image, and shows how far it is.
pub async fn fetch(
    image: &ImageName,
    progress: Progress,
    context: &Context,
    console: &mut Console,
) -> Result<(), NotMade> {
    let tag = match &image.version {
        Version::Tag(tag) | Version::Digest(tag) => Some(tag.clone()),
        Version::Id => None,
    };
    let options = CreateImageOptions {
        from_image: Some(image.name.clone()),
        tag,
        ..CreateImageOptions::default()
    };
    let asked = unless_interrupted(context.engine.pull_image(options), console).await;
    let mut messages = asked.ok_or(NotMade::Interrupted)??;
    let size = match progress {
        Progress::Stdout => console.output_terminal(),
        Progress::Stderr | Progress::Hidden => console.terminal(),
    };
    let mut lines = Lines::new(size.map(|size| size.columns));
    while let Some(message) = unless_interrupted(messages.next(), console)
        .await
        .ok_or(NotMade::Interrupted)?
    {
        let message = message?;
        if let Some(error) = message.error_detail.and_then(|detail| detail.message) {
            return Err(NotMade::Said(error));
        }
        let shown = lines.show(&CreateImageInfo {
            error_detail: None,
            ..message
        });
        match progress {
            Progress::Stdout => console.out(shown).await,
            Progress::Stderr => console.err(shown).await,
            Progress::Hidden => {}
        }
    }
    Ok(())
}

/// Messages as docker shows them: on a terminal each layer keeps its line, in a pipe only what is done is said.
pub struct Lines {
    /// Of the terminal that they are shown on.
    pub width: Option<u16>,
    ids: HashMap<String, usize>,
}

impl Lines {
    pub fn new(width: Option<u16>) -> Self {
        Self {
            width,
            ids: HashMap::new(),
        }
    }

    pub fn show(&mut self, message: &CreateImageInfo) -> String {
        let id = message.id.as_deref().filter(|id| !id.is_empty());
        let status = message.status.as_deref().unwrap_or_default();
        let detail = message.progress_detail.as_ref();
        let bar = detail.map(|detail| {
            bar(
                detail.current.unwrap_or_default(),
                detail.total.unwrap_or_default(),
                self.width.unwrap_or_default(),
            )
        });
        let Some(_) = self.width else {
            return match (id, bar) {
                (_, Some(bar)) if !bar.is_empty() => String::new(),
                (Some(id), _) => format!("{id}: {status}\n"),
                (None, _) => format!("{status}\n"),
            };
        };
        let mut text = String::new();
        let mut up = None;
        match (id, &bar) {
            (Some(id), Some(_)) => {
                let count = self.ids.len();
                let line = *self.ids.entry(id.to_owned()).or_insert(count);
                if line == count {
                    text.push('\n');
                }
                up = Some(self.ids.len() - line);
            }
            _ => self.ids.clear(),
        }
        if let Some(up) = up {
            text.extend([format!("\x1b[{up}A")]);
        }
        let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
        match bar {
            Some(bar) => text.extend([format!("\x1b[2K\r{id}{status} {bar}\r")]),
            None => text.extend([format!("{id}{status}\n")]),
        }
        if let Some(down) = up {
            text.extend([format!("\x1b[{down}B")]);
        }
        text
    }
}

/// `[==>      ]  1.2MB/4.5MB`
fn bar(current: i64, total: i64, width: u16) -> String {
    if current <= 0 && total <= 0 {
        return String::new();
    }
    let done = human_size(current, 4);
    if total <= 0 {
        return format!("{done:>8}");
    }
    let filled = usize::try_from((current * 100 / total / 2).min(50)).unwrap_or_default();
    let bar = if width > 110 {
        format!("[{}>{}] ", "=".repeat(filled), " ".repeat(50 - filled))
    } else {
        String::new()
    };
    if current > total {
        return format!("{bar}{done:>8}");
    }
    format!("{bar}{done:>8}/{}", human_size(total, 4))
}

#[cfg(test)]
mod tests {
    use lab::models::ProgressDetail;

    use super::*;

    fn shown(width: Option<u16>) -> String {
        let message = |id: &str, status: &str, progress: Option<(i64, i64)>| CreateImageInfo {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            status: Some(status.to_owned()),
            progress_detail: progress.map(|(current, total)| ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..CreateImageInfo::default()
        };
        let messages = [
            message("latest", "Pulling from library/nginx", None),
            message("af10", "Pulling fs layer", Some((0, 0))),
            message("af10", "Downloading", Some((1_200_000, 4_500_000))),
            message("", "Status: Downloaded newer image for nginx:latest", None),
        ];
        let mut lines = Lines::new(width);
        messages.iter().map(|message| lines.show(message)).collect()
    }

    #[test]
    fn progress_in_a_pipe_and_on_a_terminal() {
        let expected = "latest: Pulling from library/nginx\naf10: Pulling fs layer\nStatus: Downloaded newer image for nginx:latest\n";
        assert_eq!(shown(None), expected);
        let expected = "latest: Pulling from library/nginx\n\
                        \n\x1b[1A\x1b[2K\raf10: Pulling fs layer \r\x1b[1B\
                        \x1b[1A\x1b[2K\raf10: Downloading    1.2MB/4.5MB\r\x1b[1B\
                        Status: Downloaded newer image for nginx:latest\n";
        assert_eq!(shown(Some(80)), expected);
    }
}
