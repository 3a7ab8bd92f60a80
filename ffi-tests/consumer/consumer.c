/* What a user of an installed Anser compiles first. */
#include <anser.h>
#include <stdio.h>

int main(void) {
  printf("anser %s\n", anser_version_string());
  return anser_version_number() == ANSER_VERSION_NUMBER ? 0 : 1;
}
