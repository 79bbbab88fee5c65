#ifndef FRONTRUN_CHANNEL_H
#define FRONTRUN_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

#include "protocol.h"

/** Opens the channels that the environment names. */
void open_inherited_channels(char **environment);

/** Somebody listens to what code of this origin does. */
int is_heard(enum origin origin);

/** Tells the record to everybody who listens. Its header needs kind, access, origin, fd, error, offset and length. */
void tell(struct record *record, unsigned resource_length);

/** Opens a channel that this process reads itself. A descriptor, or an error number below zero; -1 - 4096: not such a path. */
long open_channel(const char *path);
#define NOT_A_CHANNEL (-4097)

/** Descriptors of channels never are the program's. */
enum channel_end { NO_CHANNEL, CHANNEL_READER, CHANNEL_INTERNAL };
enum channel_end channel_end_of(int fd);

ssize_t read_channel(int fd, void *buffer, size_t size);
ssize_t command_channel(const void *buffer, size_t size);
void close_channel(int fd);

#endif
