// SPDX-License-Identifier: GPL-2.0

//! Screens, as they are drawn of machines made of text.

use std::{fmt::Write as _, fs, path::Path};

use ratatui::{
    Terminal, TerminalOptions, Viewport,
    backend::{Backend, CrosstermBackend, TestBackend},
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    layout::Rect,
    style::Color,
};
use tally_procfs::Snapshot;

use super::{
    draw,
    model::{Command, Model},
    theme::{Colours, Theme},
};

const PLAIN: Theme = Theme {
    colours: Colours::None,
    unicode: true,
};
const ASCII: Theme = Theme {
    colours: Colours::None,
    unicode: false,
};
const COLOURED: Theme = Theme {
    colours: Colours::Many,
    unicode: true,
};

/// A machine whose counts are as far as they are after so many seconds.
struct Machine {
    seconds: u64,
    cpus: Vec<u32>,
    disks: Vec<&'static str>,
    loaded_ns: u64,
}

impl Machine {
    fn new(cpus: u32) -> Self {
        Self {
            seconds: 100,
            cpus: (0..cpus).collect(),
            disks: vec!["vda"],
            loaded_ns: 1,
        }
    }

    fn snapshot(&self) -> Snapshot {
        let mut text = format!(
            "Tally, format 1\n      loaded_ns    {}\n      records      9\n      events       2\n      \
             missed       0\n      version_major 1\n      version_minor 0\nCpus\n      \
             present      {}\n      online       {}\n",
            self.loaded_ns,
            self.cpus.len().max(4),
            self.cpus.len(),
        );
        self.record(
            &mut text,
            "Kernel",
            &[("nr_switches", 310), ("nr_hardirqs", 7)],
        );
        self.record(&mut text, "Zones", &[("nr_alloc_pages_dma32", 0)]);
        for disk in &self.disks {
            self.record(&mut text, &format!("Disk {disk}"), &[("nr_reads", 2)]);
        }
        self.record(&mut text, "Event sched:sched_waking", &[("count", 290)]);
        let times = [
            ("sum_ns", 900_000),
            ("unpaired", 0),
            ("lt_1024ns", 3),
            ("lt_2048ns", 20),
            ("lt_4096ns", 55),
            ("lt_8192ns", 12),
            ("lt_16384ns", 1),
            ("ge_16384ns", 0),
        ];
        self.record(
            &mut text,
            "Time irq:softirq_entry..irq:softirq_exit",
            &times,
        );
        Snapshot::parse(text).expect("it is a file")
    }

    /// The higher its number, the less a CPU does, and its load changes.
    fn record(&self, text: &mut String, header: &str, keys: &[(&str, u64)]) {
        let _ = writeln!(text, "{header}\n  pagesets");
        for &cpu in &self.cpus {
            let _ = writeln!(text, "    cpu: {cpu}");
            for (key, speed) in keys {
                let _ = writeln!(text, "              {key}: {}", self.count(cpu, *speed));
            }
        }
        text.push_str("    departed\n");
        let gone = (0..4).filter(|cpu| !self.cpus.contains(cpu));
        for (key, speed) in keys {
            let value: u64 = gone.clone().map(|cpu| self.count(cpu, *speed)).sum();
            let _ = writeln!(text, "              {key}: {value}");
        }
    }

    fn count(&self, cpu: u32, speed: u64) -> u64 {
        let number = u64::from(cpu);
        let done: u64 = (1..=self.seconds)
            .map(|second| 1 + (second + number) % (3 + number))
            .sum();
        speed * done / (number + 1)
    }

    /// Has a model see it for so many seconds.
    fn run(&mut self, model: &mut Model, seconds: u64) {
        for _ in 0..seconds {
            self.seconds += 1;
            model.take(self.snapshot(), at(self.seconds));
        }
    }
}

fn at(seconds: u64) -> f64 {
    f64::from(u32::try_from(seconds).expect("it is small"))
}

fn seen(machine: &mut Machine, seconds: u64) -> Model {
    let mut model = Model::new(1.0);
    machine.run(&mut model, seconds);
    model
}

/// A machine of four CPUs, after half a minute.
fn four() -> Model {
    seen(&mut Machine::new(4), 30)
}

/// Draws a screen, on a terminal of any kind.
fn show<B: Backend>(terminal: &mut Terminal<B>, model: &mut Model, theme: Theme) {
    let shown = terminal.draw(|frame| draw::draw(frame, model, theme));
    assert!(shown.is_ok(), "it is drawn");
}

fn screen(model: &mut Model, theme: Theme, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it is one");
    show(&mut terminal, model, theme);
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for line in 0..height {
        let cells = (0..width).map(|column| buffer[(column, line)].symbol());
        text += cells.collect::<String>().trim_end();
        text.push('\n');
    }
    text
}

fn press(model: &mut Model, keys: &str) -> Option<Command> {
    let mut last = None;
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            '\t' => KeyCode::Tab,
            '\x08' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        last = model.press(&KeyEvent::new(code, KeyModifiers::NONE));
    }
    last
}

fn chosen(model: &Model) -> String {
    let row = model.chosen().expect("there is one");
    format!("{} {}", row.id.header, row.id.key)
}

#[test]
fn four_cpus_on_the_smallest_screen_that_is_usual() {
    let mut model = four();
    insta::assert_snapshot!(screen(&mut model, PLAIN, 80, 24), @r"
    tally 1.0  4 of 4 CPUs online  2 events  3 rows zero                   every 1 s

     RECORD                      KEY                A SECOND▼         TOTAL TREND
     Kernel                      nr_switches            1,705       206,847 ▃▅▇▆▇▇▄▇
     Event sched:sched_waking    count                  1,595       193,502 ▃▅▇▆▇▇▄▇
     Time irq:soft..softirq_exit intervals                501        60,717 ▃▅▇▆▇▇▄▇
     Kernel                      nr_hardirqs             39.0         4,670 ▃▅▇▇▇▇▄▇
     Disk vda                    nr_reads                11.0         1,334 ▃▆▇▆▇▇▅▇










    Kernel nr_switches by CPU                               0 ·░░▒▒▓▓██ 930 a second
    CPU 0                                    ▒▓█▒▓█▒▓█▒▓█▒▓█▒▓█▒▓█▒▓█▒▓█▒▓       620
    CPU 1                                    ▓░▒▒▓░▒▒▓░▒▒▓░▒▒▓░▒▒▓░▒▒▓░▒▒▓       620
    CPU 2                                    ▓░░▒▒▓░░▒▒▓░░▒▒▓░░▒▒▓░░▒▒▓░░▒       310
    CPU 3                                    ▒▒▒░░▒▒▒▒░░░▒▒▒░░▒▒▒▒░░░▒▒▒░░       155
    F1Help F3Search F4Filter F6Sort TabPicture iZeros dDelay ZPause F10Quit
    ");
}

#[test]
fn times_are_a_histogram() {
    let mut model = four();
    press(&mut model, "/time\n");
    insta::assert_snapshot!(screen(&mut model, PLAIN, 80, 24), @r"
    tally 1.0  4 of 4 CPUs online  2 events  3 rows zero                   every 1 s

     RECORD                      KEY                A SECOND▼         TOTAL TREND
     Kernel                      nr_switches            1,705       206,847 ▃▅▇▆▇▇▄▇
     Event sched:sched_waking    count                  1,595       193,502 ▃▅▇▆▇▇▄▇
     Time irq:soft..softirq_exit intervals                501        60,717 ▃▅▇▆▇▇▄▇
     Kernel                      nr_hardirqs             39.0         4,670 ▃▅▇▇▇▇▄▇
     Disk vda                    nr_reads                11.0         1,334 ▃▆▇▆▇▇▅▇






    Time irq:softirq_entry..irq:softirq_exit       13,485 intervals since this began
    mean 9.89us, half below 4.10us, 99% below 16.4us
                    ███████
                    ███████
                    ███████
            ▂▂▂▂▂▂▂ ███████
            ███████ ███████ ▃▃▃▃▃▃▃
    ▃▃▃▃▃▃▃ ███████ ███████ ███████ ▁▁▁▁▁▁▁
    <1.02us <2.05us <4.10us <8.19us <16.4us
    F1Help F3Search F4Filter F6Sort TabPicture iZeros dDelay ZPause F10Quit
    ");
}

#[test]
fn in_ascii() {
    let mut model = four();
    press(&mut model, "/time\n");
    assert!(screen(&mut model, ASCII, 80, 24).is_ascii());
    press(&mut model, "\t");
    insta::assert_snapshot!(screen(&mut model, ASCII, 80, 24), @r"
    tally 1.0  4 of 4 CPUs online  2 events  3 rows zero                   every 1 s

     RECORD                      KEY                A SECONDv         TOTAL TREND
     Kernel                      nr_switches            1,705       206,847 .-*=**.*
     Event sched:sched_waking    count                  1,595       193,502 .-*=**.*
     Time irq:soft..softirq_exit intervals                501        60,717 .-*=**.*
     Kernel                      nr_hardirqs             39.0         4,670 .-****.*
     Disk vda                    nr_reads                11.0         1,334 .=*=**-*










    Time irq:softirq_entry...:softirq_exit intervals by CPU 0 .:-=+o*%# 273 a second
    CPU 0                                    =*#=*#=*#=*#=*#=*#=*#=*#=*#=*       182
    CPU 1                                    *-=+*-=+*-=+*-=+*-=+*-=+*-=+*       182
    CPU 2                                    o:-=+o:-=+o:-=+o:-=+o:-=+o:-=      91.0
    CPU 3                                    =+o:--=++:--=++:-==+o:--=+o:-      46.0
    F1Help F3Search F4Filter F6Sort TabPicture iZeros dDelay ZPause F10Quit
    ");
}

#[test]
fn what_comes_and_goes_is_seen() {
    let mut machine = Machine::new(4);
    let mut model = seen(&mut machine, 10);
    machine.cpus = vec![0, 1, 3];
    machine.disks = vec!["sdb"];
    machine.run(&mut model, 5);
    insta::assert_snapshot!(screen(&mut model, PLAIN, 80, 24), @r"
    tally 1.0  3 of 4 CPUs online  2 events  3 rows zero                   every 1 s
    Disk vda went, 4 s ago; Disk sdb came, 4 s ago; CPU 2 went offline, 4 s ago
     RECORD                      KEY                A SECOND▼         TOTAL TREND
     Kernel                      nr_switches            1,473       182,900 ▄▆▇▃▅▆▅▅
     Event sched:sched_waking    count                  1,378       171,100 ▄▆▇▃▅▆▅▅
     Time irq:soft..softirq_exit intervals                435        53,690 ▄▆▇▃▅▆▅▅
     Kernel                      nr_hardirqs             34.0         4,130 ▄▆▇▃▅▆▅▅
    +Disk sdb                    nr_reads                10.0         1,180     ▇▇▇▇
    -Disk vda                    nr_reads                gone         1,133 ▃▆▇









    Kernel nr_switches by CPU                               0 ·░░▒▒▓▓██ 930 a second
    CPU 0                                                   ▒▓█▒▓█▒▓█▒▓█▒▓       620
    CPU 1                                                   ▓░▒▒▓░▒▒▓░▒▒▓░       155
    CPU 2                                                   ▓░░▒▒▓░░▒×××××   offline
    CPU 3                                                   ▒▒▒░░▒▒▒▒░░░▒▒       388
    F1Help F3Search F4Filter F6Sort TabPicture iZeros dDelay ZPause F10Quit
    ");
    machine.cpus = vec![0, 1, 2, 3];
    machine.run(&mut model, 7);
    let shown = screen(&mut model, PLAIN, 80, 24);
    assert!(shown.contains("CPU 2 came online, 6 s ago"), "{shown}");
    // Its mark is gone after some seconds.
    assert!(
        !shown.contains("-Disk vda") && !shown.contains("+Disk sdb"),
        "{shown}"
    );
}

#[test]
fn loaded_anew() {
    let mut machine = Machine::new(2);
    let mut model = seen(&mut machine, 10);
    (machine.seconds, machine.loaded_ns) = (3, 2);
    model.take(machine.snapshot(), 111.0);
    let shown = screen(&mut model, PLAIN, 80, 24);
    assert!(
        shown.contains("tally was loaded anew: all counts begin at zero, 0 s ago"),
        "{shown}"
    );
    machine.seconds += 1;
    model.take(machine.snapshot(), 112.0);
    let rates = model.rows.iter().filter_map(|row| row.rate);
    assert!(rates.clone().all(|rate| rate < 5000.0), "{rates:?}");
}

#[test]
fn the_help_has_all_keys() {
    let mut model = seen(&mut Machine::new(4), 3);
    press(&mut model, "?");
    insta::assert_snapshot!(screen(&mut model, PLAIN, 80, 24), @r"
    tally 1.0  4 of 4 CPUs online  2 events  3 rows zero                   every 1 s

    Each row is a count, with how much it grew in a second. Below them is a picture
    of the chosen row. + is before what came, - before what went.

        Up k  the row above                       N  the order of the file
      Down j  the row below                     R I  sort the other way
        PgUp  a page up                           i  show what is zero, or not
        PgDn  a page down                       d s  seconds between samples
      Home g  the first row                   Space  a sample now
       End G  the last row                      Z p  stand still, or go on
         Tab  another picture of the row          z  colours, or none
        F3 /  look for a name                Ctrl-L  draw all again
           n  look for it again              Ctrl-Z  to the shell, until fg
        F4 \  only rows like this            F1 ? h  this help
           <  sort by the column left           Esc  leave help, search, filter
        > F6  sort by the next column         F10 q  quit
           P  sort by rate                   Ctrl-C  the same
           T  sort by total




    F1Help F3Search F4Filter F6Sort TabPicture iZeros dDelay ZPause F10Quit
    ");
    press(&mut model, "\x1b");
    assert!(screen(&mut model, PLAIN, 80, 24).contains("by CPU"));
}

#[test]
fn many_cpus_are_cells() {
    let mut model = seen(&mut Machine::new(64), 30);
    let shown = screen(&mut model, PLAIN, 80, 24);
    let pane: Vec<&str> = shown.lines().skip(14).take(4).collect();
    insta::assert_snapshot!(pane.join("\n"), @r"
    Kernel nr_switches by CPU                               0 ·░░▒▒▓▓██ 620 a second
    CPU 0  ████████▒▒▒▒░░░░░░░░▓▓▓▓░░░░▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░▒▒▒▒▓▓▓▓▒▒▒▒░░░░
    CPU 16 ▒▒▒▒░░░░░░░░▒▒▒▒▒▒▒▒░░░░░░░░▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░▓▓▓▓▒▒▒▒▒▒▒▒
    CPU 32 ▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
    ");
    // Far more than there are cells.
    let mut model = seen(&mut Machine::new(4000), 2);
    let shown = screen(&mut model, PLAIN, 80, 24);
    assert!(shown.contains("CPU 0    "), "{shown}");
}

#[test]
fn all_screens_of_all_machines_can_be_drawn() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/fixtures");
    for fixture in ["1-cpus", "4-cpus", "4-cpus-1-down", "64-cpus"] {
        for file in ["tally.txt", "tally_percpu.txt"] {
            let text = fs::read(fixtures.join(fixture).join(file)).expect("there is a fixture");
            let snapshot = Snapshot::parse(text).expect("it is a file");
            let mut model = Model::new(1.0);
            for at in [0.0, 1.0, 2.0] {
                model.take(snapshot.clone(), at);
            }
            for keys in ["", "i", "/time\n", "\t", "\t", "G", "?"] {
                press(&mut model, keys);
                for width in [1, 2, 13, 41, 80, 132, 250] {
                    for height in [1, 2, 5, 14, 24, 60] {
                        screen(&mut model, COLOURED, width, height);
                    }
                }
            }
        }
    }
}

#[test]
fn without_colour_there_is_none() {
    for (theme, wanted) in [(PLAIN, false), (COLOURED, true)] {
        let mut model = four();
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("it is one");
        let is_coloured = |terminal: &Terminal<TestBackend>| {
            let cells = &terminal.backend().buffer().content;
            cells
                .iter()
                .any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
        };
        for keys in ["", "?", "\x1b/time\n"] {
            press(&mut model, keys);
            show(&mut terminal, &mut model, theme);
            assert_eq!(is_coloured(&terminal), wanted);
        }
        press(&mut model, "z");
        show(&mut terminal, &mut model, theme);
        assert!(!is_coloured(&terminal));
    }
}

/// How many bytes a terminal gets that is drawn on so often.
fn sent(model: &mut Model, times: usize) -> usize {
    let mut bytes = Vec::new();
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, 80, 24)),
    };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(&mut bytes), options).expect("it is one");
    for _ in 0..times {
        show(&mut terminal, model, COLOURED);
    }
    drop(terminal);
    bytes.len()
}

/// A line of 9600 baud carries 960 bytes in a second.
#[test]
fn little_is_sent_over_a_slow_line() {
    let mut model = seen(&mut Machine::new(4), 100);
    let (once, thrice) = (sent(&mut model, 1), sent(&mut model, 3));
    assert!(once < 12_000, "{once} bytes for a screen");
    // Nothing has changed, so next to nothing is sent the second time and the third.
    assert!(thrice - once < 100, "{thrice} and {once}");
}

#[test]
fn the_chosen_row_stays_chosen() {
    let mut machine = Machine::new(4);
    let mut model = seen(&mut machine, 5);
    let first = chosen(&model);
    press(&mut model, "jj");
    let third = chosen(&model);
    assert_ne!(first, third);
    machine.run(&mut model, 5);
    for keys in ["N", "T", "R", "P", "<", ">", "i"] {
        press(&mut model, keys);
        assert_eq!(chosen(&model), third, "{keys}");
    }
    press(&mut model, "G");
    assert_eq!(model.chosen_at(), model.rows.len() - 1);
    press(&mut model, "g");
    assert_eq!(model.chosen_at(), 0);
}

#[test]
fn orders() {
    let mut model = seen(&mut Machine::new(4), 5);
    let keys = |model: &Model| -> Vec<String> {
        model.rows.iter().map(|row| row.id.key.clone()).collect()
    };
    assert!(model.rows.is_sorted_by(|one, next| one.rate >= next.rate));
    press(&mut model, "T");
    assert!(model.rows.is_sorted_by(|one, next| one.total >= next.total));
    press(&mut model, "R");
    assert!(model.rows.is_sorted_by(|one, next| one.total <= next.total));
    press(&mut model, "N");
    assert_eq!(
        keys(&model),
        [
            "nr_switches",
            "nr_hardirqs",
            "nr_reads",
            "count",
            "intervals"
        ]
    );
    press(&mut model, "i");
    assert!(keys(&model).contains(&"nr_alloc_pages_dma32".into()));
}

#[test]
fn filters_and_searches() {
    let mut model = seen(&mut Machine::new(4), 5);
    press(&mut model, "\\SCHED:x");
    assert!(model.rows.is_empty());
    press(&mut model, "\x08");
    assert_eq!(model.rows.len(), 1);
    press(&mut model, "\n");
    assert_eq!(chosen(&model), "Event sched:sched_waking count");
    press(&mut model, "\x1b");
    assert_eq!(model.rows.len(), 5);
    press(&mut model, "\\nr_*s\n");
    assert!(model.rows.iter().all(|row| row.id.key.starts_with("nr_")));
    press(&mut model, "\x1b/nr_\n");
    let first = chosen(&model);
    press(&mut model, "n");
    assert_ne!(chosen(&model), first);
}

#[test]
fn what_a_model_cannot_do_is_asked_for() {
    let mut model = seen(&mut Machine::new(1), 2);
    assert_eq!(press(&mut model, " "), Some(Command::Sample));
    assert_eq!(press(&mut model, "p"), None);
    assert!(model.paused);
    assert_eq!(press(&mut model, "p"), Some(Command::Sample));
    assert_eq!(press(&mut model, "d2.5\n"), None);
    assert!((model.delay - 2.5).abs() < 1e-9);
    press(&mut model, "dq\n");
    assert!((model.delay - 2.5).abs() < 1e-9);
    let shown = screen(&mut model, PLAIN, 80, 24);
    assert!(
        shown.contains("\"q\" is not a number of seconds"),
        "{shown}"
    );
    // What is typed is no key.
    assert_eq!(press(&mut model, "/q"), None);
    assert_eq!(press(&mut model, "\n"), None);
    assert_eq!(press(&mut model, "q"), Some(Command::Quit));
    let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    press(&mut model, "/");
    assert_eq!(model.press(&control_c), Some(Command::Quit));
}
