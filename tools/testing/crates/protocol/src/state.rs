// SPDX-License-Identifier: GPL-2.0

//! The state that programs share, and what each step does to it.

use crate::{
    Event,
    Mistake,
    Program,
    Step, //
};

/// Is what is known of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Record {
    listed: bool,
    shown: bool,
    attached: bool,
    /// Tracepoints that are entered and not left.
    running: u8,
    folded: u8,
    /// How many have begun to be counted, and how many were. Nobody in the model knows.
    begun: u8,
    counted: u8,
}

/// Is what a program has in its registers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Registers {
    step: usize,
    /// The CPU that a probe runs on.
    cpu: usize,
    value: u8,
    folded: u8,
    called: bool,
    /// Which CPUs were online when the lock was taken.
    online: [bool; 2],
    in_file: bool,
    seen: bool,
    sum: u8,
    /// What was counted when the reading began.
    least: u8,
    /// What the last reading found, if it found something.
    before: Option<u8>,
}

/// Is all that programs share, and where each of them is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    programs: Vec<Registers>,
    records: [Record; 2],
    copies: [u8; 2],
    online: [bool; 2],
    running: bool,
    /// Who is in the middle of an instruction on each CPU.
    busy: [Option<usize>; 2],
    writer: bool,
    readers: u8,
    list: Option<usize>,
    file: bool,
    in_file: u8,
    state: bool,
    freed: bool,
}

/// Says what came of a step.
pub(crate) enum Outcome {
    Done(State),
    /// It has to wait.
    Waits,
    /// Something happened that must not.
    Wrong(String),
}

impl State {
    /// Makes a state in which nothing has happened, and in which an event is counted or not.
    pub fn new(programs: usize, counted: bool) -> Self {
        let record = Record {
            listed: counted,
            shown: counted,
            attached: counted,
            ..Record::default()
        };

        Self {
            programs: vec![Registers::default(); programs],
            records: [record, Record::default()],
            copies: [0; 2],
            online: [true; 2],
            running: true,
            busy: [None; 2],
            writer: false,
            readers: 0,
            list: None,
            file: true,
            in_file: 0,
            state: true,
            freed: false,
        }
    }

    /// Returns the next step of a program, if it has not ended.
    pub(crate) fn next(&self, index: usize, program: &Program) -> Option<Step> {
        program.steps.get(self.programs[index].step).copied()
    }

    /// Fails unless the total of an event is what was counted, if anybody can still ask.
    pub(crate) fn judge_end(&self) -> Result<(), String> {
        if self.freed {
            return Ok(());
        }
        for record in self.records.iter().filter(|record| record.shown) {
            let online = (0..2)
                .filter(|cpu| self.online[*cpu])
                .map(|cpu| self.copies[cpu]);
            let total = record.folded + online.sum::<u8>();
            between(record.counted, total, record.counted)?;
        }
        Ok(())
    }

    /// Has a program take its next step.
    pub(crate) fn take(&self, index: usize, step: Step, mistake: Option<Mistake>) -> Outcome {
        let mut state = self.clone();
        match state.change(index, step, mistake) {
            Err(wrong) => Outcome::Wrong(wrong),
            Ok(false) => Outcome::Waits,
            Ok(true) => {
                state.programs[index].step += 1;
                Outcome::Done(state)
            }
        }
    }

    fn record(&mut self, event: Event) -> &mut Record {
        &mut self.records[event as usize]
    }

    /// Fails if memory of the module's is touched when there is none.
    fn touch(&self) -> Result<(), String> {
        if self.freed {
            return Err("used after it was freed".to_string());
        }
        Ok(())
    }

    /// Whether a fold is of this event.
    fn folds(&self, index: usize, event: Event, mistake: Option<Mistake>) -> bool {
        let record = &self.records[event as usize];
        self.programs[index].called
            && record.listed
            && (record.shown || mistake != Some(Mistake::FoldShown))
    }

    /// Whether a program is in a probe, or in the callback of the hotplug state.
    fn is_called(&self, index: usize) -> bool {
        self.programs[index].called
    }

    /// Does what a step says. Returns `false` if it has to wait.
    fn change(
        &mut self,
        index: usize,
        step: Step,
        mistake: Option<Mistake>,
    ) -> Result<bool, String> {
        let makes = |one| mistake == Some(one);
        let registers = self.programs[index].clone();

        match step {
            Step::Happen(event) => {
                let cpu = usize::from(self.running);
                if self.busy[cpu].is_some() && !makes(Mistake::CountInPieces) {
                    return Ok(false);
                }
                self.programs[index].cpu = cpu;
                self.record(event).running += 1;
            }
            Step::Probe(event) => {
                self.programs[index].called = self.record(event).attached;
            }
            Step::Load(event) if self.is_called(index) => {
                self.touch()?;
                // A task is moved to another CPU between two instructions.
                let cpu = if self.running { registers.cpu } else { 0 };
                if self.busy[cpu].is_some() && !makes(Mistake::CountInPieces) {
                    return Ok(false);
                }
                self.busy[cpu] = Some(index);
                self.record(event).begun += 1;
                self.programs[index].cpu = cpu;
                self.programs[index].value = self.copies[cpu];
            }
            Step::Store(event) if self.is_called(index) => {
                self.touch()?;
                self.busy[registers.cpu] = None;
                self.copies[registers.cpu] = registers.value + 1;
                self.record(event).counted += 1;
            }
            Step::Load(_) | Step::Store(_) => {}
            Step::Return(event) => {
                self.record(event).running -= 1;
                self.programs[index].called = false;
            }

            Step::WriteLock => {
                if self.writer || self.readers > 0 {
                    return Ok(false);
                }
                self.writer = true;
            }
            Step::WriteUnlock => self.writer = false,
            Step::Offline => self.online[1] = false,
            Step::Die => {
                if self.busy[1].is_some() {
                    return Ok(false);
                }
                self.running = false;
            }
            Step::Online => (self.online[1], self.running) = (true, true),
            Step::Callback => self.programs[index].called = self.state,
            Step::FoldLoad(event) if self.folds(index, event, mistake) => {
                self.touch()?;
                self.programs[index].folded = match makes(Mistake::FoldForgets) {
                    true => 0,
                    false => self.record(event).folded,
                };
            }
            Step::TakeLoad(event) if self.folds(index, event, mistake) => {
                self.touch()?;
                self.programs[index].value = self.copies[1];
            }
            Step::TakeStore(event) if self.folds(index, event, mistake) => {
                if !makes(Mistake::FoldLeaves) {
                    self.copies[1] = 0;
                }
            }
            Step::FoldStore(event) if self.folds(index, event, mistake) => {
                self.touch()?;
                self.record(event).folded = registers.folded + registers.value;
            }
            Step::FoldLoad(_) | Step::TakeLoad(_) | Step::TakeStore(_) | Step::FoldStore(_) => {}

            Step::EnterFile => {
                self.programs[index].in_file = self.file;
                self.in_file += u8::from(self.file);
            }
            Step::LeaveFile => self.in_file -= u8::from(registers.in_file),
            Step::ReadLock => {
                if !makes(Mistake::ReadUnlocked) {
                    if self.writer {
                        return Ok(false);
                    }
                    self.readers += 1;
                }
                self.programs[index].online = self.online;
            }
            Step::ReadUnlock => self.readers -= u8::from(!makes(Mistake::ReadUnlocked)),
            Step::ListLock => {
                if self.list.is_some() {
                    return Ok(false);
                }
                self.list = Some(index);
            }
            Step::ListUnlock => self.list = None,
            Step::See(event) => {
                let (shown, counted) = (self.record(event).shown, self.record(event).counted);
                let own = &mut self.programs[index];
                (own.seen, own.sum, own.least) = (own.in_file && shown, 0, counted);
            }
            Step::ReadFolded(event) if registers.seen => {
                self.touch()?;
                self.programs[index].sum += self.record(event).folded;
            }
            Step::ReadCopy(_, cpu) if registers.seen && registers.online[cpu] => {
                self.touch()?;
                self.programs[index].sum += self.copies[cpu];
            }
            Step::ReadFolded(_) | Step::ReadCopy(..) => {}
            Step::Judge(event) | Step::JudgeMore(event) => {
                let begun = self.record(event).begun;
                let found = registers.seen.then_some(registers.sum);
                if let Some(sum) = found {
                    between(registers.least, sum, begun)?;
                }
                if let (Step::JudgeMore(_), Some(before), Some(sum)) =
                    (step, registers.before, found)
                {
                    if sum <= before {
                        return Err(format!("seen and not counted: {before}, and then {sum}"));
                    }
                }
                self.programs[index].before = found;
            }

            Step::List(event) => self.record(event).listed = true,
            Step::Unlist(event) => {
                *self.record(event) = Record {
                    running: self.record(event).running,
                    ..Record::default()
                }
            }
            Step::Attach(event) => self.record(event).attached = true,
            Step::Detach(event) => self.record(event).attached = false,
            Step::Show(event) => self.record(event).shown = true,
            Step::Hide(event) => self.record(event).shown = false,
            Step::Synchronize(event) => return Ok(self.record(event).running == 0),
            Step::Clear(cpu) => self.copies[cpu] = 0,

            Step::RemoveFile => self.file = false,
            Step::WaitForReaders => return Ok(self.in_file == 0),
            Step::RemoveState => self.state = false,
            Step::Free => self.freed = true,
        }
        Ok(true)
    }
}

/// Fails unless a total is what may have been counted.
fn between(least: u8, total: u8, most: u8) -> Result<(), String> {
    if total < least {
        return Err(format!("lost: {total} of {least}"));
    }
    if total > most {
        return Err(format!("doubled: {total} of {most}"));
    }
    Ok(())
}
