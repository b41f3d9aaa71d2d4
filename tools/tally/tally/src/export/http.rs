// SPDX-License-Identifier: GPL-2.0

//! A server of HTTP: `/metrics` and `/healthz` for Prometheus, and a page for people, one request
//! for each connection.
//!
//! Whatever clients do, it takes no more than CONNECTIONS threads, each for no longer than
//! PATIENCE twice, and REQUEST bytes for what they ask.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Exporter, family::Format, page};
use crate::{Result, failure::say};

/// How many connections there are at a time. Others are told to come back.
const CONNECTIONS: usize = 16;
/// How long a client may take to ask, and again to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a request may be, in bytes, and of how many headers.
const REQUEST: usize = 8192;
const HEADERS: usize = 64;

/// Serves until the process ends.
pub(super) fn serve(listener: &TcpListener, exporter: &Arc<Exporter>) -> Result<()> {
    let busy = Arc::new(AtomicUsize::new(0));
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Without descriptors or memory there may be some in a moment.
                say(format_args!("a connection failed: {error}"));
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let place = Place::take(&busy);
        if busy.load(Ordering::Relaxed) > CONNECTIONS {
            let _ = Answer::new("503 Service Unavailable", "too many connections\n")
                .send(&stream, false);
            continue;
        }
        let exporter = Arc::clone(exporter);
        // A thread that cannot be made drops the connection.
        let _ = thread::Builder::new().spawn(move || {
            let _place = place;
            let _ = converse(&stream, &exporter);
        });
    }
}

/// Holds one of the connections that there may be.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(busy: &Arc<AtomicUsize>) -> Self {
        busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(busy))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn converse(stream: &TcpStream, exporter: &Exporter) -> io::Result<()> {
    match read_request(stream)? {
        Ok(request) => answer(&request, exporter).send(stream, request.head),
        Err(refusal) => refusal.send(stream, false),
    }
}

/// What a client asks for.
#[derive(Debug, Eq, PartialEq)]
struct Request {
    path: String,
    /// Whether it wants to know of the answer, and not the answer itself.
    head: bool,
    /// The format that it reads best.
    format: Format,
}

/// Reads a request; or what to answer instead, if it is none.
fn read_request(mut stream: &TcpStream) -> io::Result<std::result::Result<Request, Answer>> {
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; REQUEST];
    let mut length = 0;
    loop {
        if let Some(found) = parse(&buffer[..length]) {
            return Ok(found);
        }
        if length == REQUEST {
            return Ok(Err(Answer::new(
                "431 Request Header Fields Too Large",
                "the request is too long\n",
            )));
        }
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(&mut buffer[length..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns the time until a deadline, or an error behind it.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    // No time at all stands for no limit.
    if left.is_zero() {
        Err(io::ErrorKind::TimedOut.into())
    } else {
        Ok(left)
    }
}

/// Makes a request of some bytes; nothing, as long as they may become one.
fn parse(bytes: &[u8]) -> Option<std::result::Result<Request, Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => return None,
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => {
            return Some(Err(Answer::new(
                "431 Request Header Fields Too Large",
                "too many headers\n",
            )));
        }
        Err(error) => {
            return Some(Err(Answer::new(
                "400 Bad Request",
                &format!("that is not HTTP: {error}\n"),
            )));
        }
    }
    let head = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => {
            let mut refusal = Answer::new("405 Method Not Allowed", "there is GET and HEAD\n");
            refusal.headers = "Allow: GET, HEAD\r\n";
            return Some(Err(refusal));
        }
    };
    let path = request
        .path
        .unwrap_or("/")
        .split('?')
        .next()
        .unwrap_or("/")
        .to_string();
    let accepts = request.headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case("accept")
            && String::from_utf8_lossy(header.value).contains("application/openmetrics-text")
    });
    let format = if accepts {
        Format::OpenMetrics
    } else {
        Format::Text
    };
    Some(Ok(Request { path, head, format }))
}

fn answer(request: &Request, exporter: &Exporter) -> Answer {
    match request.path.as_str() {
        "/metrics" => {
            // Without tally there is a metric that says so.
            let exported = exporter.export(request.format);
            let mut answer = Answer::new("200 OK", &exported.text);
            answer.content_type = request.format.content_type();
            answer
        }
        "/healthz" => match exporter.machine.read(false) {
            Ok(_) => Answer::new("200 OK", "ok\n"),
            Err(error) => Answer::new("503 Service Unavailable", &format!("{error}\n")),
        },
        // What the page asks for again and again: what `show --json --percpu` prints.
        "/records.json" => match crate::show::document(&exporter.machine) {
            Ok(text) => {
                let mut answer = Answer::new("200 OK", &text);
                answer.content_type = "application/json";
                answer.headers = page::POLICY;
                answer
            }
            Err(failure) => Answer::new("503 Service Unavailable", &format!("{failure}\n")),
        },
        path => match page::asset(path) {
            Some(asset) => {
                let mut answer = Answer::new("200 OK", asset.text);
                answer.content_type = asset.content_type;
                answer.headers = page::POLICY;
                answer
            }
            None => Answer::new("404 Not Found", "there is /, /metrics and /healthz\n"),
        },
    }
}

/// What a client is told.
#[derive(Debug, Eq, PartialEq)]
struct Answer {
    status: &'static str,
    headers: &'static str,
    content_type: &'static str,
    body: String,
}

impl Answer {
    fn new(status: &'static str, body: &str) -> Self {
        Self {
            status,
            headers: "",
            content_type: "text/plain; charset=utf-8",
            body: body.into(),
        }
    }

    fn send(&self, mut stream: &TcpStream, head: bool) -> io::Result<()> {
        let Self {
            status,
            headers,
            content_type,
            body,
        } = self;
        let mut text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             {headers}Connection: close\r\n\r\n",
            body.len()
        );
        if !head {
            text += body;
        }
        let deadline = Instant::now() + PATIENCE;
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            stream.set_write_timeout(Some(left(deadline)?))?;
            match stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => rest = &rest[sent..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        stream.shutdown(Shutdown::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<std::result::Result<Request, &'static str>> {
        parse(text.as_bytes()).map(|found| found.map_err(|answer| answer.status))
    }

    #[test]
    fn requests() {
        assert_eq!(parsed(""), None);
        assert_eq!(parsed("GET /metrics HTTP/1.1\r\nHost: a\r\n"), None);
        let request = Request {
            path: "/metrics".into(),
            head: false,
            format: Format::Text,
        };
        assert_eq!(
            parsed("GET /metrics?x=y HTTP/1.1\r\n\r\n"),
            Some(Ok(request))
        );
        let request = Request {
            path: "/metrics".into(),
            head: true,
            format: Format::OpenMetrics,
        };
        assert_eq!(
            parsed(
                "HEAD /metrics HTTP/1.0\r\nACCEPT: a/b;q=1, application/openmetrics-text;version=1.0.0\r\n\r\n"
            ),
            Some(Ok(request))
        );
    }

    #[test]
    fn what_is_none() {
        assert_eq!(parsed("\0\r\n\r\n"), Some(Err("400 Bad Request")));
        assert_eq!(
            parsed("POST /metrics HTTP/1.1\r\n\r\n"),
            Some(Err("405 Method Not Allowed"))
        );
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(HEADERS + 1));
        assert_eq!(
            parsed(&many),
            Some(Err("431 Request Header Fields Too Large"))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_request_makes_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            parse(&bytes);
        }
    }
}
