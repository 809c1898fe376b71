/**
 * Events of public life: sport, elections, trade, courts, accidents, councils.
 *
 * @module
 */
import type { Frame } from "./frame.ts";

const ON_DAY = "^on {day}";

/** Events of public life. */
export const PUBLIC_LIFE: readonly Frame[] = [
  {
    name: "match",
    details: { a: "team", b: "team", score: "score", city: "city", day: "day" },
    source: "the league",
    templates: [
      {
        clauses: [
          "{a} <beat|defeated|overcame> {b}",
          "{b} <lost to|fell to|suffered a defeat against> {a}",
          "{a} <won against|took a win over|claimed a victory over> {b}",
        ],
        extras: { score: "{score}", city: "in {city}", day: ON_DAY },
      },
    ],
  },
  {
    name: "transfer",
    details: {
      a: "team",
      b: "team",
      p: "person",
      money: "money",
      day: "day",
    },
    source: "the clubs",
    templates: [
      {
        clauses: [
          "{a} <sold|traded> {p} to {b}",
          "{b} <signed|bought|acquired> {p} from {a}",
          "{p} <joined|moved to> {b} from {a}",
          "{p} left {a} <for|to join> {b}",
        ],
        extras: { money: "<for|in a deal worth> {money}", day: ON_DAY },
      },
      {
        clauses: [
          "{a} did not <sell|trade> {p} to {b}",
          "{b} <failed to sign|did not sign|did not buy> {p} from {a}",
          "{p} did not <join|move to> {b} from {a}",
          "{p} did not leave {a} <for|to join> {b}",
        ],
        extras: { day: ON_DAY },
      },
    ],
  },
  {
    name: "election",
    details: {
      a: "person",
      b: "person",
      city: "city",
      percent: "percent",
      day: "day",
    },
    source: "officials",
    templates: [
      {
        clauses: [
          "{a} <beat|defeated> {b} in the <race|election> for mayor of {city}",
          "{b} <lost to|was beaten by|was defeated by> {a} in the <race|election> for mayor of {city}",
          "{a} won the <race|election> for mayor of {city} against {b}",
          "{b} lost the <race|election> for mayor of {city} to {a}",
        ],
        extras: { percent: "by {percent}", day: ON_DAY },
      },
    ],
  },
  {
    name: "trade",
    details: {
      a: "country",
      b: "country",
      goods: "goods",
      percent: "percent",
      month: "month",
    },
    source: "officials",
    templates: [
      {
        clauses: [
          "{a} <exported|sold> {percent} more {goods} to {b}",
          "{b} <imported|bought> {percent} more {goods} from {a}",
          "<exports|sales> of {goods} from {a} to {b} <rose|grew|increased> {percent}",
          "<imports|purchases> of {goods} by {b} from {a} <rose|grew|increased> {percent}",
        ],
        extras: { month: "^in {month}" },
      },
      {
        clauses: [
          "{a} <exported|sold> {percent} less {goods} to {b}",
          "{b} <imported|bought> {percent} less {goods} from {a}",
          "<exports|sales> of {goods} from {a} to {b} <fell|dropped|decreased> {percent}",
          "<imports|purchases> of {goods} by {b} from {a} <fell|dropped|decreased> {percent}",
        ],
        extras: { month: "^in {month}" },
      },
    ],
  },
  {
    name: "verdict",
    details: { p: "person", crime: "crime", city: "city", day: "day" },
    source: "lawyers",
    templates: [
      {
        clauses: [
          "{p} was <found guilty|convicted> of {crime}",
          "a <court|jury> <convicted {p}|found {p} guilty> of {crime}",
        ],
        extras: { city: "^in {city}", day: ON_DAY },
      },
      {
        clauses: [
          "{p} was <found not guilty|cleared|acquitted> of {crime}",
          "a <court|jury> <cleared|acquitted> {p} of {crime}",
        ],
        extras: { city: "^in {city}", day: ON_DAY },
      },
    ],
  },
  {
    name: "accident",
    details: {
      people: "people",
      vehicle: "vehicle",
      city: "city",
      day: "day",
    },
    source: "police",
    templates: [
      {
        clauses: [
          "{people} people were <hurt|injured> in a {vehicle} <accident|crash>",
          "a {vehicle} <accident|crash> <left {people} people injured|hurt {people} people>",
          "doctors treated {people} people after a {vehicle} <accident|crash>",
        ],
        extras: { city: "near {city}", day: ON_DAY },
      },
      {
        clauses: [
          "{people} people <were killed|died> in a {vehicle} <accident|crash>",
          "a {vehicle} <accident|crash> <left {people} people dead|killed {people} people>",
          "{people} people lost their lives in a {vehicle} <accident|crash>",
        ],
        extras: { city: "near {city}", day: ON_DAY },
      },
    ],
  },
  {
    name: "council",
    details: {
      city: "city",
      project: "project",
      votes: "votes",
      day: "day",
    },
    source: "officials",
    templates: [
      {
        clauses: [
          "the {city} council <approved|backed|agreed to> a new {project}",
          "plans for a new {project} were <approved|backed> by the {city} council",
          "the {city} council voted <for|in favor of> a new {project}",
        ],
        extras: {
          votes: "by {votes}",
          day: ON_DAY,
        },
      },
      {
        clauses: [
          "the {city} council <rejected|turned down|opposed> a new {project}",
          "plans for a new {project} were <rejected|turned down> by the {city} council",
          "the {city} council voted against a new {project}",
        ],
        extras: {
          votes: "by {votes}",
          day: ON_DAY,
        },
      },
    ],
  },
];
