// SPDX-License-Identifier: GPL-2.0

//! What test modules share: work that runs elsewhere, and an end to wait for.

use kernel::{
    prelude::*,
    sync::{
        Arc,
        Completion, //
    },
    workqueue, //
};

/// Completes when the last task is gone.
struct Done(Arc<Completion>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.complete_all();
    }
}

/// Tasks of the unbound workqueue, which runs them on any CPU.
pub(crate) struct Tasks {
    done: Arc<Done>,
    all_done: Arc<Completion>,
}

impl Tasks {
    pub(crate) fn new() -> Result<Self> {
        let all_done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;

        Ok(Self {
            done: Arc::new(Done(all_done.clone()), GFP_KERNEL)?,
            all_done,
        })
    }

    pub(crate) fn spawn(&self, task: impl FnOnce() + Send + 'static) -> Result {
        let done = self.done.clone();

        workqueue::system_unbound().try_spawn(GFP_KERNEL, move || {
            task();
            drop(done);
        })?;
        Ok(())
    }

    /// Waits for all of them.
    pub(crate) fn join(self) {
        let Self { done, all_done } = self;

        drop(done);
        all_done.wait_for_completion();
    }
}
