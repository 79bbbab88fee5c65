/*
 * Finding functions without dlsym.
 *
 * dlsym moved from libdl to libc in glibc 2.34, may allocate, and so may call hooked functions before they are ready.
 * Reading the symbol tables of the loaded objects needs dl_iterate_phdr only, which every glibc and musl has, under one
 * name and without a version. So one file serves both, however old.
 */
#include "resolve.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>

struct symbols {
  uintptr_t base;
  const ElfW(Sym) * table;
  const char *names;
  const uint16_t *versions;
  const uint32_t *gnu_hash;
  const uint32_t *sysv_hash;
};

static int same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

/** glibc relocates the addresses in its dynamic sections, musl and the kernel's vDSO don't. */
static const void *at(uintptr_t base, ElfW(Addr) address) {
  return (const void *)(address < base ? base + address : address);
}

static int read_dynamic(const struct dl_phdr_info *info, struct symbols *out) {
  const ElfW(Dyn) *entry = NULL;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      entry = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  if (entry == NULL) return 0;
  *out = (struct symbols){.base = info->dlpi_addr};
  for (; entry->d_tag != DT_NULL; entry++) {
    const void *place = at(out->base, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB) out->table = place;
    else if (entry->d_tag == DT_STRTAB) out->names = place;
    else if (entry->d_tag == DT_VERSYM) out->versions = place;
    else if (entry->d_tag == DT_GNU_HASH) out->gnu_hash = place;
    else if (entry->d_tag == DT_HASH) out->sysv_hash = place;
  }
  return out->table != NULL && out->names != NULL && (out->gnu_hash != NULL || out->sysv_hash != NULL);
}

/** A function defined here, in the version that new programs are linked to. */
static void *match(const struct symbols *in, uint32_t index, const char *name) {
  const ElfW(Sym) *symbol = &in->table[index];
  if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) return NULL;
  if (in->versions != NULL && (in->versions[index] & 0x8000) != 0) return NULL;
  if (!same(in->names + symbol->st_name, name)) return NULL;
  return (void *)(in->base + symbol->st_value);
}

static void *find_gnu(const struct symbols *in, const char *name) {
  uint32_t hash = 5381;
  for (const char *c = name; *c != 0; c++) hash = hash * 33 + (unsigned char)*c;
  const uint32_t *table = in->gnu_hash;
  const uint32_t buckets = table[0], first = table[1], bloom = table[2];
  const uint32_t *bucket = (const uint32_t *)((const ElfW(Addr) *)(table + 4) + bloom);
  const uint32_t *chain = bucket + buckets;
  if (buckets == 0) return NULL;
  uint32_t index = bucket[hash % buckets];
  if (index < first) return NULL;
  for (;; index++) {
    const uint32_t entry = chain[index - first];
    if ((entry | 1) == (hash | 1)) {
      void *found = match(in, index, name);
      if (found != NULL) return found;
    }
    if ((entry & 1) != 0) return NULL;
  }
}

static void *find_sysv(const struct symbols *in, const char *name) {
  const uint32_t count = in->sysv_hash[1];
  for (uint32_t index = 0; index < count; index++) {
    void *found = match(in, index, name);
    if (found != NULL) return found;
  }
  return NULL;
}

static void *find_in(const struct symbols *in, const char *name) {
  return in->gnu_hash != NULL ? find_gnu(in, name) : find_sysv(in, name);
}

static int contains(const struct dl_phdr_info *info, const void *address) {
  const uintptr_t place = (uintptr_t)address;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_LOAD && place >= begin && place < begin + part->p_memsz) return 1;
  }
  return 0;
}

struct search {
  const char *name;
  int behind_us;
  void *found;
};

static int look(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct search *search = data;
  if (!search->behind_us) {
    search->behind_us = contains(info, (const void *)&look);
    return 0;
  }
  struct symbols symbols;
  if (read_dynamic(info, &symbols)) search->found = find_in(&symbols, search->name);
  return search->found != NULL;
}

void *next_definition(const char *name) {
  struct search search = {name, 0, NULL};
  dl_iterate_phdr(look, &search);
  return search.found;
}

/* --- Node ---------------------------------------------------------------------------------------------------------- */

#define MAX_NODE_PARTS 8

static struct {
  uintptr_t begin, end;
} node_parts[MAX_NODE_PARTS];
static int node_part_count;

static void remember(const struct dl_phdr_info *info) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 || node_part_count == MAX_NODE_PARTS) continue;
    node_parts[node_part_count].begin = info->dlpi_addr + part->p_vaddr;
    node_parts[node_part_count++].end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
  }
}

/** Node itself, or the shared libraries that a distribution's Node consists of. */
static int look_for_node(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  (void)data;
  struct symbols symbols;
  if (read_dynamic(info, &symbols) &&
      (find_in(&symbols, "napi_module_register") != NULL || find_in(&symbols, "uv_loop_init") != NULL))
    remember(info);
  return 0;
}

void find_node(void) { dl_iterate_phdr(look_for_node, NULL); }

int is_node_code(const void *address) {
  const uintptr_t place = (uintptr_t)address;
  for (int i = 0; i < node_part_count; i++)
    if (place >= node_parts[i].begin && place < node_parts[i].end) return 1;
  return 0;
}
