// What can be typed next: people, channels, commands with their verbs and options.
import { avatar, nameOf, standing } from "./dom.js";

const NOTHING = { items: [], hint: "" };

/**
 * Completions of the text before the cursor: `{ items, hint }`. An item has `label`, `insert` (the whole text with it)
 * and `eager`: Enter takes it, since what was typed is no whole word yet.
 */
export async function completionsFor(desk, text) {
  if (text.startsWith("/")) return desk.name === "slack" ? slackCommands(desk, text) : discordCommands(desk, text);
  const word = /(?:^|\s)([@#])([\w.-]*)$/.exec(text);
  return word ? listed(names(desk, text, word[1], word[2])) : NOTHING;
}

function listed(items, hint = "") {
  return { items, hint };
}

function choice(label, { name, description }, head, tail) {
  return { label, detail: description, insert: `${head}${head ? name : label}${tail}`, eager: true };
}

function names({ store, person }, text, sign, typed) {
  const head = text.slice(0, text.length - typed.length);
  const fits = (name) => name.toLowerCase().startsWith(typed.toLowerCase());
  const item = (name, more) => ({ label: sign + name, insert: `${head}${name} `, eager: name !== typed, ...more });
  if (sign === "#") {
    const rooms = [...store.channels.values()].filter((one) => ["channel", "private"].includes(one.kind) && store.sees(person, one));
    return rooms.filter((one) => fits(one.name)).map((one) => item(one.name, { detail: one.topic }));
  }
  const people = [...store.people.values()].filter((one) => !one.deactivated && (fits(one.name) || fits(nameOf(one))));
  people.sort((a, b) => Number(b.me || 0) - Number(a.me || 0));
  const about = (one) => [nameOf(one), standing(one)].filter(Boolean).join(" · ");
  return people.map((one) => item(one.name, { icon: avatar(one, "tiny"), detail: about(one) }));
}

// --- Slack: the command, then what its usage hint and description name ------------------------------------------

function slackCommands({ store }, text) {
  const [name, ...rest] = text.split(" ");
  if (!rest.length) {
    const fit = store.commands.filter((one) => one.name.startsWith(name));
    const detail = (one) => `${one.usage_hint || ""}  ${one.description}`.trim();
    return listed(fit.map((one) => ({ label: one.name, detail: detail(one), insert: `${one.name} `, eager: true })));
  }
  const command = store.commands.find((one) => one.name === name);
  if (!command || rest.length > 1) return NOTHING;
  const usages = (command.usage_hint || "").split("|").map((usage) => usage.trim()).filter(Boolean);
  const items = usages
    .map((usage) => usage.split(" "))
    .filter(([verb]) => verb.startsWith(rest[0]))
    .map(([verb, ...more]) => ({
      label: [name, verb, ...more].join(" "),
      insert: `${name} ${verb} `,
      eager: verb !== rest[0] && rest[0] !== "",
    }));
  return listed(items, items.length ? command.description : "");
}

// --- Discord: /command subcommand option:value …, values asked of the bot ----------------------------------------

async function discordCommands(desk, text) {
  const [name, verb, ...rest] = text.split(" ");
  const commands = desk.store.commands.filter((one) => (one.type ?? 1) === 1);
  if (verb === undefined) {
    const fit = commands.filter((one) => `/${one.name}`.startsWith(name));
    return listed(fit.map((one) => choice(`/${one.name}`, one, "", " ")));
  }
  const command = commands.find((one) => `/${one.name}` === name);
  const subcommands = (command?.options || []).filter((one) => one.type === 1);
  if (command && !subcommands.length) {
    return optionsOf(desk, text, { command, options: command.options || [], rest: [verb, ...rest].join(" ") });
  }
  if (!rest.length) {
    const fit = subcommands.filter((one) => one.name.startsWith(verb));
    return listed(fit.map((one) => ({ ...choice(one.name, one, `${name} `, " "), eager: one.name !== verb && verb !== "" })));
  }
  const subcommand = subcommands.find((one) => one.name === verb);
  if (!subcommand) return NOTHING;
  return optionsOf(desk, text, { command, subcommand, options: subcommand.options || [], rest: rest.join(" ") });
}

async function optionsOf(desk, text, { command, subcommand, options, rest }) {
  const { values, open, word } = parseOptions(options, rest);
  const hint = `/${[command.name, subcommand?.name].filter(Boolean).join(" ")}  ${options.map((one) => one.name).join("  ")}`;
  const option = options.find((one) => one.name === open);
  const left = options.filter((one) => !(one.name in values) && one.name.startsWith(word));
  const before = text.slice(0, text.length - word.length);
  const names = left.map((one) => ({ ...choice(one.name, one, before, ":"), eager: word !== "" }));
  if (!option) return listed(names, hint);
  const typed = values[open];
  const head = text.slice(0, text.length - typed.length);
  if (option.choices?.length) {
    const fit = option.choices.filter((one) => one.name.toLowerCase().startsWith(typed.toLowerCase()));
    return listed(fit.map((one) => ({ label: one.name, insert: `${head}${one.name} ` })), hint);
  }
  const wish = subcommand ? { subcommand: subcommand.name, options: values } : { options: values };
  values[open] = typed.trim();
  const found = option.autocomplete ? await desk.ask(command.name, wish, open) : [];
  const items = found.map((one) => ({ label: one.name, insert: `${head}${one.value}${/[=:]$/.test(one.value) ? "" : " "}` }));
  return listed(typed.endsWith(" ") ? [...names, ...items] : items, hint);
}

/** "workflow:deploy parameters:a=b c=d" → the values, the option being typed, and the word that is not in one yet. */
export function parseOptions(options, text) {
  const values = {};
  let [open, word] = ["", ""];
  for (const part of text.split(" ")) {
    const option = options.find((one) => part.startsWith(`${one.name}:`));
    if (option) {
      open = option.name;
      values[open] = part.slice(option.name.length + 1);
    } else if (open) values[open] += ` ${part}`;
    else word = part;
  }
  return { values, open, word: open ? values[open].split(" ").at(-1) : word };
}
