// SPDX-License-Identifier: GPL-2.0
/*
 * together CPUS TICKS COUNTER NUMBER [FILE]: has so many CPUs, the first ones, each
 * write NUMBER to the file COUNTER again and again, all of them together. Prints
 * how often they did so in a million ticks of the TSC, and how often at all. With
 * FILE one more CPU reads that file without a pause meanwhile.
 *
 * Each measures for TICKS, from when all have begun, and goes on until all have
 * measured: so nobody is alone in the time that counts. The TSC tells the time, as
 * the kernel's clock is slow on an emulated machine.
 *
 * A static program: nothing is resolved, and no page comes in, while it counts.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 64
#define BUFFER (64 * 1024)

/* What the processes tell each other. */
static struct shared {
	int begun, measured;
	struct writer {
		uint64_t writes;
		double rate;
	} writers[MOST];
} *shared;

static char buffer[BUFFER];

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static void add_one(int *number)
{
	__atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST);
}

static int value(const int *number)
{
	return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

static int open_file(const char *path, int flags)
{
	int file = open(path, flags);

	if (file < 0)
		err(1, "%s", path);
	return file;
}

/* Whoever has nothing to measure reads until all others have. */
static void read_on(const char *path, int writers)
{
	int file = open_file(path, O_RDONLY);

	add_one(&shared->begun);
	while (value(&shared->measured) < writers) {
		lseek(file, 0, SEEK_SET);
		while (read(file, buffer, BUFFER) > 0)
			;
	}
}

static void write_once(struct writer *self, int file, const char *number, size_t length)
{
	if (write(file, number, length) != (ssize_t)length)
		err(1, "write");
	self->writes++;
}

static void write_on(struct writer *self, const char *path, const char *number, uint64_t least,
		     int writers, int all)
{
	size_t length = strlen(number);
	int file = open_file(path, O_WRONLY);
	uint64_t start, took, before;

	write_once(self, file, number, length);
	add_one(&shared->begun);
	while (value(&shared->begun) < all)
		write_once(self, file, number, length);

	before = self->writes;
	start = ticks();
	do {
		write_once(self, file, number, length);
		took = ticks() - start;
	} while (took < least);
	self->rate = (self->writes - before) * 1e6 / took;

	add_one(&shared->measured);
	while (value(&shared->measured) < writers)
		write_once(self, file, number, length);
}

/* Starts a process on a CPU, which ends with this one; returns 0 in it. */
static pid_t start(int cpu)
{
	cpu_set_t set;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set) || mlockall(MCL_CURRENT))
			err(1, "CPU %d", cpu);
	}
	return pid;
}

int main(int argc, char **argv)
{
	int writers, all, status;
	uint64_t writes = 0;
	double rate = 0;

	if (argc < 5)
		errx(2, "see together.c");
	writers = atoi(argv[1]);
	all = writers + (argc > 5);
	if (writers < 1 || writers > MOST)
		errx(2, "1 to %d CPUs", MOST);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");

	for (int cpu = 0; cpu < writers; cpu++) {
		if (start(cpu) == 0) {
			write_on(&shared->writers[cpu], argv[3], argv[4],
				 strtoull(argv[2], NULL, 10), writers, all);
			return 0;
		}
	}
	if (argc > 5 && start(writers) == 0) {
		read_on(argv[5], writers);
		return 0;
	}

	for (int i = 0; i < all; i++)
		if (wait(&status) < 0 || status)
			errx(1, "one of them failed");
	for (int i = 0; i < writers; i++) {
		writes += shared->writers[i].writes;
		rate += shared->writers[i].rate;
	}
	printf("%.6f %llu\n", rate, (unsigned long long)writes);
	return 0;
}
