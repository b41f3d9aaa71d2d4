// SPDX-License-Identifier: GPL-2.0

//! Of what may not be stopped all subscribers hear, whatever they answer.

use kernel::{
    prelude::*,
    sync::Arc, //
};
use kernel_ext::{
    global_chain,
    new_chain,
    notifier::{
        self,
        Blocking,
        Called,
        Chain,
        Event,
        GlobalChain,
        Notify::{
            self,
            Bad,
            Done,
            Stop, //
        },
        Subscriber, //
    }, //
};

use crate::{
    blocks::{
        expect,
        Outcome, //
    },
    Test, //
};

/// Something that is asked, or that has happened.
struct News;

const ASKED: bool = true;
const HAPPENED: bool = false;

impl Event for News {
    type Backend = Blocking;
    type Data<'a> = bool;

    fn action(_asked: &bool) -> usize {
        1
    }

    fn may_stop(asked: &bool) -> bool {
        *asked
    }
}

struct Answer(Notify);

impl Subscriber<News> for Answer {
    fn notify(&self, _asked: &bool) -> Notify {
        self.0
    }
}

impl Subscriber<GlobalChain<News>> for Answer {
    fn notify(&self, _asked: &bool) -> Notify {
        self.0
    }
}

global_chain! {
    static CHAIN: GlobalChain<News> = c"notifier_test:news";
}

/// What comes of calls of a chain on which the first two object.
fn compare(call: impl Fn(bool) -> Called) -> Outcome {
    let called = call(ASKED);
    expect("calls when asked", called.calls(), 1)?;
    expect("answer when asked", called.last(), Stop)?;

    let called = call(HAPPENED);
    expect("calls afterwards", called.calls(), 3)?;
    expect("answer afterwards", called.last(), Done)
}

fn own() -> Outcome {
    let chain: Arc<Chain<News>> = Arc::pin_init(new_chain!(), GFP_KERNEL)?;
    let subscribe = |priority, answer| {
        let registration =
            notifier::Registration::<News, _>::new(chain.clone(), priority, Answer(answer));
        KBox::pin_init(registration, GFP_KERNEL)
    };

    let _first = subscribe(2, Stop)?;
    let _second = subscribe(1, Bad(EBUSY))?;
    let _third = subscribe(0, Done)?;
    compare(|asked| chain.call(asked))
}

fn global() -> Outcome {
    let chain = CHAIN.get()?;
    let subscribe = |priority, answer| {
        let registration =
            notifier::Registration::<GlobalChain<News>, _>::new(&CHAIN, priority, Answer(answer));
        KBox::pin_init(registration, GFP_KERNEL)
    };

    let _first = subscribe(i32::MAX, Stop)?;
    let _second = subscribe(1, Bad(EBUSY))?;
    let _third = subscribe(0, Done)?;
    compare(|asked| chain.call(asked))
}

pub(crate) fn run(report: &mut dyn FnMut(Test)) {
    let description = "all hear of what may not be stopped";

    report(("blocking", description, own()));
    report(("global", description, global()));
}
