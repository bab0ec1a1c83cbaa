// How each platform shows its messages and forms.
import * as discord from "./discord.js";
import * as slack from "./slack.js";
import { formOf } from "./slack_form.js";

/** `words`, `body`, `origin`, `isThinking`, `isSystem`, `systemText`, `reactions`, `formOf` by platform. */
export const platforms = { slack: { ...slack, formOf }, discord };
