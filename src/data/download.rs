//! MNIST from its mirrors: checked by SHA-256, and in place only when every file asked for is whole.

use std::fs;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::files::{Draft, FileError};
use crate::progress::{Observer, Progress};
use crate::wording::hexadecimal;

/// Where the published files are, in the order they are tried.
pub const MIRRORS: [&str; 2] =
    ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"];

/// A file as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name, on the mirrors and here.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one mirror to be connected to.
    pub connect: Duration,
    /// For any mirror to be connected to: after this the others get [`Patience::last`] each.
    pub reach: Duration,
    /// For a mirror that is tried when the time to reach one has run out.
    pub last: Duration,
    /// Between two pieces of a file.
    pub stall: Duration,
}

impl Default for Patience {
    /// A machine without a network should say so within about four seconds; one with a slow network is given ten
    /// seconds for each piece.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            reach: Duration::from_secs(4),
            last: Duration::from_millis(500),
            stall: Duration::from_secs(10),
        }
    }
}

/// Fetches `files` into `folder`, which is made when it is not there. Mirrors are tried in turn, the last one that
/// worked first. `Break` when the observer stopped it; progress is in bytes of all files.
///
/// # Errors
/// When no mirror gives a file with the published bytes, or the folder cannot be written to. Whatever happens, no
/// part of a file remains.
pub fn download(
    files: &[Published],
    mirrors: &[String],
    folder: &Path,
    patience: Patience,
    observe: Observer<'_>,
) -> Result<ControlFlow<()>, DownloadError> {
    fs::create_dir_all(folder).map_err(|cause| FileError::new(folder, cause))?;
    let total = files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    let mut mirrors: Vec<&str> = mirrors.iter().map(String::as_str).collect();
    let mut drafts = Vec::with_capacity(files.len());
    for file in files {
        let path = folder.join(&file.name);
        let reach_by = Instant::now() + patience.reach;
        let mut failures = Vec::new();
        let mut fetched = None;
        for (place, &mirror) in mirrors.iter().enumerate() {
            if observe(Progress { done, total }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let mut draft = Draft::new(&path)?;
            let left = reach_by.saturating_duration_since(Instant::now()).max(patience.last);
            let agent = agent(patience.connect.min(left), patience.stall);
            let mut advance = |bytes| observe(Progress { done: done + bytes, total });
            match fetch(&agent, mirror, file, &mut draft, &mut advance) {
                Ok(ControlFlow::Continue(())) => {
                    fetched = Some((place, draft));
                    break;
                }
                Ok(ControlFlow::Break(())) => return Ok(ControlFlow::Break(())),
                Err(Stop::Write(cause)) => return Err(FileError::new(&path, cause).into()),
                Err(Stop::Mirror { problem, reached }) => {
                    failures.push(DownloadFailure { mirror: mirror.to_owned(), problem, reached });
                }
            }
        }
        let Some((place, draft)) = fetched else {
            return Err(DownloadError::Mirrors { name: file.name.clone(), failures });
        };
        drafts.push(draft);
        mirrors[..=place].rotate_right(1);
        done += file.bytes;
    }
    // Images without their labels are of no use: all of them, or none.
    for draft in drafts {
        draft.commit()?;
    }
    // The final report is for the display only; there is nothing left to stop.
    let _ = observe(Progress { done: total, total });
    Ok(ControlFlow::Continue(()))
}

fn agent(connect: Duration, stall: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        // Two thirds: a name server that does not answer must leave time for the next mirror.
        .timeout_resolve(Some(connect * 2 / 3))
        .timeout_connect(Some(connect))
        .timeout_recv_response(Some(connect))
        .timeout_per_read(Some(stall))
        .build();
    ureq::Agent::new_with_config(config)
}

/// Why one attempt ended.
enum Stop {
    /// The mirror is to blame: the next one may do better.
    Mirror { problem: String, reached: bool },
    /// This machine's disk is to blame.
    Write(io::Error),
}

fn fetch(
    agent: &ureq::Agent,
    mirror: &str,
    file: &Published,
    draft: &mut Draft,
    advance: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Stop> {
    let blame = |problem: String| Stop::Mirror { problem, reached: true };
    let response = agent.get(format!("{mirror}{}", file.name)).call().map_err(|error| Stop::Mirror {
        problem: error.to_string(),
        reached: !matches!(
            error,
            ureq::Error::HostNotFound
                | ureq::Error::ConnectionFailed
                | ureq::Error::Timeout(_)
                | ureq::Error::Io(_)
        ),
    })?;
    let mut body = response.into_body().into_reader();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut received = 0;
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(blame(format!("broke off after {received} bytes: {error}"))),
        };
        received += count as u64;
        if received > file.bytes {
            return Err(blame(format!("sent more than the {} bytes published", file.bytes)));
        }
        hasher.update(&buffer[..count]);
        draft.write_all(&buffer[..count]).map_err(Stop::Write)?;
        if advance(received).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    if received < file.bytes {
        return Err(blame(format!("broke off after {received} of {} bytes", file.bytes)));
    }
    if hexadecimal(&hasher.finalize()) != file.sha256 {
        return Err(blame("sent other bytes than those published (SHA-256 differs)".to_owned()));
    }
    Ok(ControlFlow::Continue(()))
}

/// What one mirror did wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadFailure {
    /// Its address.
    pub mirror: String,
    /// What happened.
    pub problem: String,
    /// Whether it answered at all.
    pub reached: bool,
}

/// Why there was no download.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No mirror gave the file.
    #[error("{name} could not be downloaded: {}", listed(failures))]
    Mirrors {
        /// The file.
        name: String,
        /// What each mirror did, in the order they were tried.
        failures: Vec<DownloadFailure>,
    },
    /// The file could not be kept.
    #[error(transparent)]
    Write(#[from] FileError),
}

impl DownloadError {
    /// Whether no mirror answered at all: no network, in all likelihood.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Mirrors { failures, .. } if failures.iter().all(|failure| !failure.reached))
    }
}

fn listed(failures: &[DownloadFailure]) -> String {
    let lines: Vec<_> =
        failures.iter().map(|failure| format!("{}: {}", host(&failure.mirror), failure.problem)).collect();
    if lines.is_empty() { "no mirror is configured".to_owned() } else { lines.join("; ") }
}

/// The part of an address that people recognise.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// A mirror on this machine, for tests.
#[cfg(test)]
pub(super) mod local {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::{Digest, Published, Sha256, hexadecimal};

    pub(in crate::data) fn published(name: &str, content: &[u8]) -> Published {
        Published {
            name: name.to_owned(),
            bytes: content.len() as u64,
            sha256: hexadecimal(&Sha256::digest(content)),
        }
    }

    /// The address of a server that answers every request with what `answer` says for the file name: the length it
    /// announces and the bytes it sends. It lives as long as the test process.
    pub(in crate::data) fn mirror(
        answer: impl Fn(&str) -> Option<(usize, Vec<u8>)> + Send + 'static,
    ) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(mut connection) = connection else { continue };
                let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
                let Some(Ok(first)) = lines.next() else { continue };
                let name = first.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                // The client may hang up at any time: that is what the tests are about.
                let _ = match answer(&name) {
                    Some((length, body)) => write!(
                        connection,
                        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                    )
                    .and_then(|()| connection.write_all(&body)),
                    None => write!(
                        connection,
                        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    ),
                };
            }
        });
        address
    }

    /// A mirror that has these files.
    pub(in crate::data) fn mirror_with(files: Vec<(String, Vec<u8>)>) -> String {
        mirror(move |name| {
            let (_, content) = files.iter().find(|(file, _)| file == name)?;
            Some((content.len(), content.clone()))
        })
    }

    /// An address where nothing listens.
    pub(in crate::data) fn dead_mirror() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::local::{dead_mirror, mirror, mirror_with, published};
    use super::*;
    use crate::progress::unobserved;

    const QUICK: Patience = Patience {
        connect: Duration::from_millis(400),
        reach: Duration::from_millis(600),
        last: Duration::from_millis(100),
        stall: Duration::from_millis(400),
    };

    /// Larger than one buffer, without a pattern that would survive a shift.
    fn content() -> Vec<u8> {
        (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    fn run(mirrors: &[String], files: &[Published], folder: &Path) -> Result<ControlFlow<()>, DownloadError> {
        download(files, mirrors, folder, QUICK, &mut unobserved)
    }

    fn is_empty(folder: &Path) -> bool {
        fs::read_dir(folder).unwrap().next().is_none()
    }

    #[test]
    fn a_good_file_arrives_whole_and_is_reported_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("made/on/the/way");
        let files = [published("a.gz", &content()), published("b.gz", b"small")];
        let mirrors = [mirror_with(vec![("a.gz".into(), content()), ("b.gz".into(), b"small".to_vec())])];
        let mut seen = Vec::new();
        let outcome = download(&files, &mirrors, &cache, QUICK, &mut |progress| {
            seen.push(progress);
            ControlFlow::Continue(())
        });
        assert!(outcome.unwrap().is_continue());
        assert_eq!(fs::read(cache.join("a.gz")).unwrap(), content());
        assert_eq!(fs::read(cache.join("b.gz")).unwrap(), b"small");
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 2);
        assert!(seen.iter().all(|progress| progress.total == 200_005));
        assert!(seen.is_sorted_by_key(|progress| progress.done));
        assert_eq!(seen.last().unwrap().done, 200_005);
    }

    #[test]
    fn other_bytes_are_refused_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut wrong = content();
        wrong[1234] ^= 1;
        let mirrors = [mirror_with(vec![("a.gz".into(), wrong)])];
        let error = run(&mirrors, &[published("a.gz", &content())], folder.path()).unwrap_err();
        assert!(error.to_string().contains("a.gz could not be downloaded"), "{error}");
        assert!(error.to_string().contains("SHA-256 differs"), "{error}");
        assert!(!error.is_offline());
        assert!(is_empty(folder.path()));
    }

    #[test]
    fn the_second_mirror_helps_when_the_first_is_dead_cut_short_or_lacks_the_file() {
        let good = mirror_with(vec![("a.gz".into(), content())]);
        let cut = mirror(|_| Some((content().len(), content()[..70_000].to_vec())));
        let honest_but_short = mirror(|_| Some((70_000, content()[..70_000].to_vec())));
        for bad in [dead_mirror(), cut, honest_but_short, mirror(|_| None)] {
            let folder = tempfile::tempdir().unwrap();
            let outcome = run(&[bad, good.clone()], &[published("a.gz", &content())], folder.path());
            assert!(outcome.unwrap().is_continue());
            assert_eq!(fs::read(folder.path().join("a.gz")).unwrap(), content());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_cut_or_endless_body_is_refused_and_leaves_nothing() {
        let cut = mirror(|_| Some((content().len(), content()[..70_000].to_vec())));
        let endless = mirror(|_| Some((usize::MAX / 2, [content(), content()].concat())));
        for (bad, said) in [(cut, "broke off"), (endless, "sent more than the 200000 bytes")] {
            let folder = tempfile::tempdir().unwrap();
            let error = run(&[bad], &[published("a.gz", &content())], folder.path()).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert!(is_empty(folder.path()));
        }
    }

    #[test]
    fn stopping_midway_is_an_outcome_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = [published("small.gz", b"small"), published("a.gz", &content())];
        let mirrors = [mirror_with(vec![("a.gz".into(), content()), ("small.gz".into(), b"small".to_vec())])];
        let mut calls_after = 0;
        let outcome = download(&files, &mirrors, folder.path(), QUICK, &mut |progress| {
            if progress.done > 50_000 {
                calls_after += 1;
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        assert!(outcome.unwrap().is_break());
        assert_eq!(calls_after, 1);
        assert!(is_empty(folder.path()), "the first file is not left alone either");
    }

    #[test]
    fn silence_is_given_up_on_and_recognised() {
        let folder = tempfile::tempdir().unwrap();
        // The system accepts connections, but nothing answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", silent.local_addr().unwrap());
        let start = Instant::now();
        let error =
            run(&[address.clone(), address, dead_mirror()], &[published("a.gz", b"x")], folder.path())
                .unwrap_err();
        assert!(error.is_offline(), "{error}");
        assert!(start.elapsed() < QUICK.reach + Duration::from_millis(600), "{:?}", start.elapsed());
    }

    #[test]
    fn a_cache_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, b"").unwrap();
        let error = run(&[], &[published("a.gz", b"x")], &blocked.join("cache")).unwrap_err();
        assert!(matches!(error, DownloadError::Write(_)) && error.to_string().contains("cache"), "{error}");
    }
}
