// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs other programs.

#include <signal.h> // SIGTERM
#include <stdio.h> // popen
#include <stdlib.h> // free
#include <string.h> // strcspn
#include <sys/prctl.h> // prctl
#include <sys/wait.h> // waitpid
#include <unistd.h> // fork

#include "files.h" // stream_text
#include "process.h"

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
    pid_t child = fork();
    if (child)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (errors >= 0)
        dup2(errors, STDERR_FILENO);
    execvp(words[0], words);
    _exit(127);
}

static int
wait_for(pid_t child)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
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
    if (pipe(ends))
        return -1;
    pid_t child = start(words, ends[1]);
    close(ends[1]);
    FILE *errors = fdopen(ends[0], "r");
    char *line = NULL;
    size_t size = 0;
    while (errors && getline(&line, &size, errors) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        take(user, line);
    }
    free(line);
    if (errors)
        fclose(errors);
    return wait_for(child);
}
