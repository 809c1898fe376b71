/**
 * Templates, by lit-html: text in them is inserted as text.
 *
 * @module
 */
export { html, nothing, render, type TemplateResult } from "npm:lit-html@3.3.3";
export { guard } from "npm:lit-html@3.3.3/directives/guard.js";
