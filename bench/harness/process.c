// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs other programs.

#include <errno.h> // EINTR
#include <fcntl.h> // O_CLOEXEC
#include <signal.h> // sigaction
#include <stdio.h> // popen
#include <stdlib.h> // free
#include <string.h> // strcspn
#include <sys/prctl.h> // prctl
#include <sys/wait.h> // waitpid
#include <unistd.h> // fork

#include "files.h" // stream_text
#include "process.h"

static volatile sig_atomic_t caught; // signal
static volatile pid_t watched; // what is to be ended by it, if any

static void
catch_signal(int number)
{
    caught = number;
    if (watched > 0)
        kill(watched, SIGTERM);
}

// One that is ignored stays so, as nohup wants it.
void
process_catch_signals(void)
{
    static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
    struct sigaction action = { .sa_handler = catch_signal }, before;
    size_t i;
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (!sigaction(numbers[i], NULL, &before)
            && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    // Nobody may be left to read what we say.
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int
process_signal(void)
{
    return caught;
}

char *
process_output(const char *command)
{
    FILE *pipe = popen(command, "r"); // NOLINT(cert-env33-c): our own words
    char *text = pipe ? stream_text(pipe) : NULL;
    if (pipe && pclose(pipe) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

// Returns the child's pid, or -1. Its standard error goes to the descriptor,
// unless that is -1. It is killed if we die.
static pid_t
start(char *const words[], int errors)
{
    pid_t parent = getpid(), child = fork();
    if (child)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    if (errors >= 0)
        dup2(errors, STDERR_FILENO);
    execvp(words[0], words);
    _exit(127);
}

static int
wait_for(pid_t child)
{
    int status;
    pid_t ended = child;
    if (child < 0)
        return -1;
    do {
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
process_run(char *const words[])
{
    return wait_for(start(words, -1));
}

int
process_watch(char *const words[], line_fn *take, void *user)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    pid_t child = start(words, ends[1]);
    watched = child;
    // It may have come just before.
    if (caught && child > 0)
        kill(child, SIGTERM);
    close(ends[1]);
    FILE *errors = fdopen(ends[0], "r");
    char *line = NULL;
    size_t size = 0;
    // Until all that the child has started have ended: they may write results.
    while (errors) {
        if (getline(&line, &size, errors) > 0) {
            line[strcspn(line, "\r\n")] = '\0';
            take(user, line);
        } else if (ferror(errors) && errno == EINTR) {
            clearerr(errors);
        } else {
            break;
        }
    }
    free(line);
    watched = 0;
    if (errors)
        fclose(errors);
    return wait_for(child);
}
