// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a program and ends it, with all that it started, when it has used too
// much CPU time, or when it hangs: limit CPU_SECONDS IDLE_SECONDS FILE PROGRAM...
// A program hangs if it and all its descendants together use next to no CPU time
// for IDLE_SECONDS. Neither depends on how fast the machine is or what else runs.
// FILE gets the CPU seconds that they used. Exit status: the program's, 128 and
// the signal's number if one ended it, 124 if we did.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_S 10      // A look at all processes costs 10 to 30 ms
#define IDLE_CPU_S 0.5      // Less than this much in IDLE_SECONDS is none
#define PROCESSES_MAX 32768

struct process {
    pid_t pid, parent;
    double seconds;         // Its own, and those of the children that it waited for
    bool ours;
};

static struct process processes[PROCESSES_MAX];

static bool
read_process(const char *pid, struct process *p)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    // The name, in parentheses, may hold anything.
    char *rest = strrchr(text, ')');
    unsigned long user, system;
    long waited_user, waited_system;
    int parent;
    if (!rest || sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
                        " %lu %lu %ld %ld", &parent, &user, &system,
                        &waited_user, &waited_system) != 5)
        return false;
    *p = (struct process){
        .pid = atoi(pid), .parent = parent,
        .seconds = (double)(user + system + waited_user + waited_system) /
            sysconf(_SC_CLK_TCK),
    };
    return true;
}

static int
read_processes(void)
{
    DIR *dir = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; dir && count < PROCESSES_MAX && (entry = readdir(dir)); )
        if (entry->d_name[0] > '0' && entry->d_name[0] <= '9')
            count += read_process(entry->d_name, &processes[count]);
    if (dir)
        closedir(dir);
    return count;
}

// Marks our descendants: again and again, for a child may be listed before
// its parent.
static void
find_descendants(int count)
{
    for (bool more = true; more; ) {
        more = false;
        for (int i = 0; i < count; i++)
            for (int k = 0; k < count && !processes[i].ours; k++)
                if (processes[i].parent == getpid()
                    || (processes[k].ours && processes[k].pid == processes[i].parent))
                    processes[i].ours = more = true;
    }
}

static double
seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

// CPU seconds of all descendants: those that live, and those that were waited
// for, by us if their parent did not live to do it.
static double
cpu_used(void)
{
    struct rusage ended;
    getrusage(RUSAGE_CHILDREN, &ended);
    double seconds = seconds_of(&ended.ru_utime) + seconds_of(&ended.ru_stime);
    int count = read_processes();
    find_descendants(count);
    for (int i = 0; i < count; i++)
        if (processes[i].ours)
            seconds += processes[i].seconds;
    return seconds;
}

// Sends a signal to all descendants. Returns how many there were.
static int
signal_all(int signal)
{
    int count = read_processes(), sent = 0;
    find_descendants(count);
    for (int i = 0; i < count; i++)
        if (processes[i].ours)
            sent += !kill(processes[i].pid, signal);
    return sent;
}

// Reaps what has ended. Returns true and sets *status if the program is of it.
static bool
reap(pid_t program, int *status)
{
    bool ended = false;
    int code;
    for (pid_t pid; (pid = waitpid(-1, &code, WNOHANG)) > 0; )
        if (pid == program) {
            *status = WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code);
            ended = true;
        }
    return ended;
}

// Ends all descendants, who have half a minute to clean up.
static void
end_all(void)
{
    int status;
    signal_all(SIGTERM);
    for (int tenths = 0; signal_all(0); tenths++) {
        if (tenths >= 300)
            signal_all(SIGKILL);
        usleep(100000);
        reap(0, &status);
    }
}

// Sleeps until a child has ended, we are told to end, or it is time to look.
// Returns the signal that tells us to end, or 0.
static int
wait_for_signal(const sigset_t *signals, int seconds)
{
    int signal = sigtimedwait(signals, NULL, &(struct timespec){ .tv_sec = seconds });
    return signal > 0 && signal != SIGCHLD ? signal : 0;
}

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Waits for the program to end by itself; else says why it must.
static int
watch(pid_t program, const sigset_t *signals, double cpu_limit, double idle_limit)
{
    double used_then = 0, then = now();
    int status = 0, looks = 0;
    while (!reap(program, &status)) {
        // The first looks come sooner, for programs with a small limit.
        looks += looks < LOOK_EVERY_S;
        int told = wait_for_signal(signals, looks);
        if (told)
            return 128 + told;
        double used = cpu_used();
        if (used > cpu_limit) {
            printf("# ended: it has used %.0f s of CPU time\n", used);
            return 124;
        }
        if (used > used_then + IDLE_CPU_S) {
            used_then = used;
            then = now();
        }
        if (now() - then > idle_limit) {
            printf("# ended: it has used no CPU time for %.0f s\n", idle_limit);
            return 124;
        }
    }
    return status;
}

static pid_t
start(char **words, const sigset_t *old_signals)
{
    pid_t program = fork();
    if (!program) {
        sigprocmask(SIG_SETMASK, old_signals, NULL);
        execvp(words[0], words);
        perror(words[0]);
        _exit(127);
    }
    return program;
}

int
main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: limit CPU_SECONDS IDLE_SECONDS FILE PROGRAM...\n", stderr);
        return 2;
    }
    sigset_t signals, old_signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &old_signals);
    // What outlives its parent becomes our child.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t program = start(argv + 4, &old_signals);
    if (program < 0) {
        perror("fork");
        return 2;
    }
    int status = watch(program, &signals, atof(argv[1]), atof(argv[2]));
    end_all();
    FILE *file = fopen(argv[3], "w");
    if (!file || fprintf(file, "%.2f\n", cpu_used()) < 0 || fclose(file)) {
        perror(argv[3]);
        return 2;
    }
    return status;
}
