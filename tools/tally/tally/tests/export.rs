// SPDX-License-Identifier: GPL-2.0

//! `tally export`. That Prometheus takes what it prints is tested by its own programs:
//! tools/testing/parts/tools.

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{Machine, text};

/// A server that ends with the test.
struct Server {
    child: Child,
    address: SocketAddr,
    machine: Machine,
}

impl Server {
    fn of(machine: Machine) -> Self {
        let mut child = machine
            .command()
            .args(["export", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be run");
        let mut said = String::new();
        BufReader::new(child.stderr.take().expect("it is piped"))
            .read_line(&mut said)
            .expect("it says where");
        let address = said
            .trim()
            .strip_prefix("tally: listening on http://")
            .and_then(|rest| rest.strip_suffix("/metrics"))
            .and_then(|address| address.parse().ok())
            .expect("that is an address");
        Self {
            child,
            address,
            machine,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("it can be set");
        stream
    }

    /// What it answers to some bytes.
    fn answer(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).expect("it takes it");
        let mut answer = String::new();
        // A server that has not read all resets the connection behind its answer.
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        answer += &String::from_utf8_lossy(&bytes);
        answer
    }

    fn get(&self, path: &str, headers: &str) -> (String, String) {
        let answer =
            self.answer(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").expect("it has a head");
        (head.into(), body.into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn metrics_in_both_formats() {
    let server = Server::of(Machine::of("4-cpus"));
    let (head, body) = server.get("/metrics", "");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(
        head.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())),
        "{head}"
    );
    assert!(body.contains("\ntally_up 1\n"), "{body}");
    assert!(body.contains("\ntally_exporter_sees_events 1\n"), "{body}");
    assert!(
        body.contains("\ntally_events_total{system=\"sched\",event=\"sched_switch\"} 1583\n"),
        "{body}"
    );
    for (name, count) in [
        ("events_total{system=\"function\",event=\"vfs_read\"}", 1285),
        (
            "events_total{system=\"syscalls\",event=\"sys_exit_openat\"}",
            107,
        ),
        (
            "event_errors_total{system=\"syscalls\",event=\"sys_exit_openat\"}",
            1,
        ),
    ] {
        assert!(
            body.contains(&format!("\ntally_{name} {count}\n")),
            "{body}"
        );
    }
    assert!(
        body.contains("\ntally_disk_read_bytes_total{disk=\"nullb0\"} 14274560\n"),
        "{body}"
    );
    assert!(
        body.contains("\ntally_disk_write_seconds_total{disk=\"nullb0\"} 0.72345924\n"),
        "{body}"
    );
    let (head, body) = server.get(
        "/metrics",
        "Accept: application/openmetrics-text;version=1.0.0\r\n",
    );
    assert!(
        head.contains("\r\nContent-Type: application/openmetrics-text; version=1.0.0;"),
        "{head}"
    );
    assert!(body.ends_with("\n# EOF\n"), "{body}");
    assert!(body.contains("\ntally_time_seconds_sum{begin=\"irq:softirq_entry\",end=\"irq:softirq_exit\"} 0.373220457\n"), "{body}");
    assert!(
        body.contains("\ntally_latency_seconds_sum{latency=\"runqueue\"} 1.442032762\n"),
        "{body}"
    );
    assert!(
        body.contains("\ntally_disk_latency_seconds_sum{latency=\"each_disk_queued\",disk=\"nullb0\"} 0.5772725\n"),
        "{body}"
    );
    assert!(body.contains("\ntally_context_switches_created "), "{body}");
    // It is no other each time.
    let created = |body: &str| {
        body.lines()
            .find(|line| line.contains("_created "))
            .map(str::to_string)
    };
    assert_eq!(
        created(&body),
        created(
            &server
                .get("/metrics", "Accept: application/openmetrics-text\r\n")
                .1
        )
    );
}

#[test]
fn health_and_what_is_not_there() {
    let server = Server::of(Machine::of("1-cpus"));
    assert_eq!(server.get("/healthz", "").1, "ok\n");
    assert!(server.get("/nothing", "").0.starts_with("HTTP/1.1 404 "));
    assert!(
        server
            .answer(b"PUT /metrics HTTP/1.1\r\n\r\n")
            .starts_with("HTTP/1.1 405 ")
    );
    let head = server.answer(b"HEAD /metrics HTTP/1.1\r\n\r\n");
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    server.machine.write("tally", "nonsense\n");
    let (head, body) = server.get("/healthz", "");
    assert!(
        head.starts_with("HTTP/1.1 503 ") && body.contains("line 1: "),
        "{head}\n{body}"
    );
    assert!(server.get("/metrics", "").1.ends_with("\ntally_up 0\n"));
}

/// How it looks, and that a browser takes it, is tested in one: tools/testing/parts/screens.
#[test]
fn the_page_and_all_that_it_is_made_of() {
    let server = Server::of(Machine::of("4-cpus"));
    let (head, page) = server.get("/", "");
    assert!(
        head.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\nContent-Security-Policy: default-src 'none'; "),
        "{head}"
    );
    // What files name is there, and nothing elsewhere is named.
    let mut files = vec![page];
    let mut at = 0;
    while at < files.len() {
        let file = files[at].clone();
        at += 1;
        assert!(!file.contains("https://"), "{file}");
        assert!(
            !file
                .replace("http://www.w3.org/2000/svg", "")
                .contains("http://"),
            "{file}"
        );
        for part in file.split(['"', '(', ')']) {
            let name = part.strip_prefix("./").unwrap_or(part);
            let suffix = Path::new(name).extension().unwrap_or_default();
            if suffix == "js" || suffix == "css" || suffix == "svg" {
                let (head, body) = server.get(&format!("/{name}"), "");
                assert!(head.starts_with("HTTP/1.1 200 "), "{name}: {head}");
                if !files.contains(&body) {
                    files.push(body);
                }
            }
        }
    }
    assert_eq!(files.len(), 7);
    let (head, document) = server.get("/records.json", "");
    assert!(
        head.contains("\r\nContent-Type: application/json\r\n"),
        "{head}"
    );
    assert!(document.contains("\"cpus\":[{\"cpu\":0,"), "{document}");
    server.machine.write("tally_percpu", "nonsense\n");
    let (head, body) = server.get("/records.json", "");
    assert!(
        head.starts_with("HTTP/1.1 503 ") && body.contains("line 1: "),
        "{head}\n{body}"
    );
}

#[test]
fn requests_that_are_too_long_or_none() {
    let server = Server::of(Machine::of("1-cpus"));
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(9000));
    assert!(server.answer(long.as_bytes()).starts_with("HTTP/1.1 431 "));
    assert!(
        server
            .answer(b"\x16\x03\x01\r\n\r\n")
            .starts_with("HTTP/1.1 400 ")
    );
    assert_eq!(server.get("/healthz", "").1, "ok\n");
}

#[test]
fn slow_clients_lose_their_connection_and_keep_no_others_out() {
    let server = Server::of(Machine::of("1-cpus"));
    let start = Instant::now();
    let mut idle: Vec<TcpStream> = (0..16).map(|_| server.connect()).collect();
    // One of them says something, again and again, and never all.
    let mut slow = idle[0].try_clone().expect("it can be");
    let slow = thread::spawn(move || {
        while start.elapsed() < Duration::from_secs(20) && slow.write_all(b"G").is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    // All places are taken now.
    let (head, _) = server.get("/healthz", "");
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    for stream in &mut idle {
        // Its end comes, with or without an answer.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let took = start.elapsed();
    assert!(
        (Duration::from_secs(4)..Duration::from_secs(20)).contains(&took),
        "{took:?}"
    );
    assert_eq!(server.get("/healthz", "").1, "ok\n");
    slow.join().expect("it ends");
}

#[test]
fn a_textfile_is_there_as_a_whole() {
    let machine = Machine::of("4-cpus");
    let path = machine.root.join("tally.prom");
    let textfile = ["export", "--textfile", path.to_str().expect("it is text")];
    machine.prints(&textfile);
    let first = fs::read_to_string(&path).expect("it is there");
    assert!(
        first.starts_with("# HELP tally_up ") && !first.contains("_created"),
        "{first}"
    );
    assert_eq!(
        fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777,
        0o644
    );
    // Who has it open goes on reading the old one.
    let mut old = fs::File::open(&path).expect("it is there");
    machine.write("tally", "Tally, format 1\n      loaded_ns    1\n");
    machine.prints(&textfile);
    let mut text = String::new();
    old.read_to_string(&mut text).expect("it can be read");
    assert_eq!(text, first);
    assert_ne!(fs::read_to_string(&path).expect("it is there"), first);
    let names: Vec<String> = fs::read_dir(&machine.root)
        .expect("it is there")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .into_string()
                .expect("it is text")
        })
        .filter(|name| name.contains("prom"))
        .collect();
    assert_eq!(names, ["tally.prom"]);
}

#[test]
fn a_textfile_says_that_tally_is_not_there() {
    let machine = Machine::empty();
    let path = machine.root.join("tally.prom");
    assert!(
        machine
            .fails(&["export", "--textfile", path.to_str().expect("it is text")])
            .contains("tally is not loaded")
    );
    assert!(machine.read("tally.prom").ends_with("\ntally_up 0\n"));
}

#[test]
fn what_cannot_be_done_is_said() {
    let machine = Machine::of("1-cpus");
    assert!(
        machine
            .fails(&["export", "--textfile", "/no/such/directory/x.prom"])
            .contains("/no/such/directory/x.prom: ")
    );
    let server = Server::of(Machine::of("1-cpus"));
    let taken = server.address.to_string();
    assert!(
        machine
            .fails(&["export", "--listen", &taken])
            .contains(&format!("cannot listen on {taken}"))
    );
    let done = machine.run(&["export", "--listen", "nowhere"]);
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
}
