// The short names of common emoji, as Slack writes them.

const NAMES = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", ok_hand: "👌", wave: "👋", clap: "👏", raised_hands: "🙌",
  pray: "🙏", muscle: "💪", point_right: "👉", point_up: "☝️", eyes: "👀", smile: "😄", grinning: "😀", joy: "😂",
  slightly_smiling_face: "🙂", wink: "😉", thinking_face: "🤔", sob: "😭", cry: "😢", scream: "😱", sweat_smile: "😅",
  sunglasses: "😎", heart: "❤️", broken_heart: "💔", sparkles: "✨", star: "⭐", fire: "🔥", tada: "🎉", rocket: "🚀",
  bulb: "💡", bell: "🔔", no_bell: "🔕", memo: "📝", pushpin: "📌", paperclip: "📎", link: "🔗", lock: "🔒", unlock: "🔓",
  key: "🔑", mag: "🔍", gear: "⚙️", wrench: "🔧", hammer: "🔨", package: "📦", bug: "🐛", robot_face: "🤖", email: "📧",
  calendar: "📅", clock1: "🕐", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", zap: "⚡", boom: "💥",
  warning: "⚠️", rotating_light: "🚨", no_entry: "⛔", no_entry_sign: "🚫", x: "❌", white_check_mark: "✅",
  heavy_check_mark: "✔️", ballot_box_with_check: "☑️", question: "❓", exclamation: "❗", information_source: "ℹ️",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁",
  fast_forward: "⏩", black_right_pointing_double_triangle_with_vertical_bar: "⏭️", black_square_for_stop: "⏹️",
  double_vertical_bar: "⏸️", arrow_forward: "▶️", red_circle: "🔴", large_orange_circle: "🟠",
  large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫",
  chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", page_facing_up: "📄",
  speech_balloon: "💬", construction: "🚧", ship: "🚢", coffee: "☕", beers: "🍻", "100": "💯",
};

/** The character of a short name; an unknown one as `:name:`, a character as it is. */
export function emoji(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : /^[\w+-]+$/.test(name) ? `:${name}:` : name;
}

/** What the reaction buttons offer: the name that Slack takes, and the character. */
export const QUICK = ["+1", "eyes", "white_check_mark", "tada", "heart"].map(offered);

/** What a message's menu offers beside them. */
export const MORE = ["rotating_light", "memo", "fire", "question", "raised_hands", "x"].map(offered);

function offered(name) {
  return { name, shown: emoji(name) };
}
