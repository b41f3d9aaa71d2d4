# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every script here has. This file sources the others, each of which needs
# those before it. Sourced, never run.

set -euo pipefail

# shellcheck source=scripts/host/messages.sh
. "${BASH_SOURCE[0]%/*}/messages.sh"
# shellcheck source=scripts/host/variables.sh
. "${BASH_SOURCE[0]%/*}/variables.sh"
# shellcheck source=scripts/host/paths.sh
. "${BASH_SOURCE[0]%/*}/paths.sh"
# shellcheck source=scripts/host/namespaces.sh
. "$HOST/namespaces.sh"
# shellcheck source=scripts/host/cache.sh
. "$HOST/cache.sh"
# shellcheck source=scripts/host/progress.sh
. "$HOST/progress.sh"
# shellcheck source=scripts/host/steps.sh
. "$HOST/steps.sh"
# shellcheck source=scripts/host/contain.sh
. "$HOST/contain.sh"
# shellcheck source=scripts/host/host-tools.sh
. "$HOST/host-tools.sh"
# shellcheck source=scripts/host/mirror.sh
. "$HOST/mirror.sh"
# shellcheck source=scripts/host/tools-tree.sh
. "$HOST/tools-tree.sh"
# shellcheck source=scripts/host/virtme.sh
. "$HOST/virtme.sh"
# shellcheck source=scripts/host/kernel.sh
. "$HOST/kernel.sh"
# shellcheck source=scripts/host/kernel-debug.sh
. "$HOST/kernel-debug.sh"
# shellcheck source=scripts/host/kernel-builtin.sh
. "$HOST/kernel-builtin.sh"
# shellcheck source=scripts/host/build.sh
. "$HOST/build.sh"
