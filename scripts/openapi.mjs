// npm run openapi: prints the OpenAPI document of the build. No server is needed: Nest only looks at the classes.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from '../dist/app.module.js';
import { buildDocument, setUpRoutes } from '../dist/http/index.js';

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { preview: true, logger: false });
setUpRoutes(app);
process.stdout.write(`${JSON.stringify(buildDocument(app), null, 2)}\n`);
