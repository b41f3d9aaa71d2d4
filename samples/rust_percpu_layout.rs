// SPDX-License-Identifier: GPL-2.0

//! Sample: /proc/percpu_layout, a picture of where per-CPU memory lies.

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use kernel_ext::{
    cpumask,
    define_per_cpu,
    percpu::PerCpuBox,
    percpu_layout::{
        self as layout,
        Area,
        Areas,
        FirstChunk,
        RESERVE_SIZE, //
    },
    procfs::{
        self,
        Opener,
        SeqOperations, //
    }, //
};

module! {
    type: RustPerCpuLayout,
    name: "rust_percpu_layout",
    authors: ["The tally developers"],
    description: "Sample of kernel_ext: where per-CPU memory lies",
    license: "GPL",
}

define_per_cpu! {
    /// Widgets that this CPU made: a static variable of a module.
    static WIDGETS: u64 = 0;
}

/// What the file shows. None of it changes any more.
struct Picture {
    static_size: Option<usize>,
    reserve_used: usize,
    variables: [(&'static str, Option<Area>); 3],
    /// An allocated variable, kept so that what is said of it stays true.
    _gadgets: PerCpuBox<u64>,
}

impl Picture {
    fn new(module: &ThisModule) -> Result<Self> {
        let areas = Areas::find()?;
        let gadgets = PerCpuBox::zeroed(GFP_KERNEL)?;

        Ok(Self {
            static_size: areas.static_size(),
            reserve_used: layout::reserve_used(module),
            variables: [
                ("kstat", areas.of(layout::kstat())),
                ("WIDGETS", areas.of(&WIDGETS)),
                ("gadgets", areas.of(&gadgets)),
            ],
            _gadgets: gadgets,
        })
    }

    /// Prints a part of a unit: the names of what is there, in `width` columns.
    fn part(&self, m: &SeqFile, area: Area, width: usize) {
        let names = self.variables.iter().filter(|(_, of)| *of == Some(area));

        seq_print!(m, "|");
        let printed = names.fold(0, |printed, (name, _)| {
            seq_print!(m, " {name}");
            name.len().saturating_add(printed).saturating_add(1)
        });
        for _ in printed..width {
            seq_print!(m, " ");
        }
    }

    fn above(&self, m: &SeqFile) {
        let first_chunk = match layout::first_chunk() {
            FirstChunk::Embed => "embed, in the linear mapping",
            FirstChunk::Page => "page, in vmalloc space",
        };
        seq_print!(m, "first chunk: {first_chunk}\n");
        seq_print!(
            m,
            "reserve: {} bytes used by this module\n\n",
            self.reserve_used
        );

        seq_print!(m, "{:28}", "");
        match self.static_size {
            Some(size) => seq_print!(m, "static {size:<9}"),
            None => seq_print!(m, "{:16}", "static"),
        }
        seq_print!(m, "reserve {RESERVE_SIZE:<8}dynamic\n");
        seq_print!(m, "CPU  node         distance  ");
        edge(m);
    }

    fn below(&self, m: &SeqFile) {
        seq_print!(m, "{:28}", "");
        edge(m);
        for (name, area) in &self.variables {
            if area.is_none() {
                seq_print!(m, "{name} is near a border, nobody knows on which side\n");
            }
        }
    }
}

/// A line above or below units, open where nobody knows how long they are.
fn edge(m: &SeqFile) {
    seq_print!(m, "+---------------+---------------+-------------- -\n");
}

impl SeqOperations for Picture {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, (): &(), pos: usize) -> Option<usize> {
        // CAST: Widening.
        (pos < (cpumask::possible().weight() as usize).saturating_add(2)).then_some(pos)
    }

    fn show(&self, (): &(), index: usize, m: &SeqFile) -> Result {
        let Some(index) = index.checked_sub(1) else {
            self.above(m);
            return Ok(());
        };
        let Some(cpu) = cpumask::possible().iter().nth(index) else {
            self.below(m);
            return Ok(());
        };

        seq_print!(m, "{:>3}", cpu.as_u32());
        match layout::unit_node(cpu) {
            Some(node) => seq_print!(m, "{node:>6}"),
            None => seq_print!(m, "{:>6}", "?"),
        }
        seq_print!(m, "{:>17}  ", layout::unit_distance(cpu));
        self.part(m, Area::Static, 15);
        self.part(m, Area::Reserve, 15);
        self.part(m, Area::Dynamic, 0);
        seq_print!(m, "\n");
        Ok(())
    }
}

#[pin_data]
struct RustPerCpuLayout {
    #[pin]
    file: procfs::Registration<Picture>,
}

impl kernel::InPlaceModule for RustPerCpuLayout {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            file <- Picture::new(module)
                .map(|picture| procfs::Registration::new(c"percpu_layout", 0o444, picture))?,
        }? Error)
    }
}
